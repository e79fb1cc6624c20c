//! Patterns for registries, or parts of them, that images may come from.

use super::{
    ImageReference, RegistryHost, checked_text,
    image::{split_host, stands_for_host},
};

/// The namespace of images on the default registry that name none.
const DEFAULT_NAMESPACE: &str = "library";

checked_text! {
    /// A registry, or a part of one: a host with its port, and the start of a path.
    ///
    /// For example `ghcr.io`, `registry.example.org:5000/team` or `docker.io/library/nginx`. It
    /// covers everything below it, component by component: `ghcr.io/a` covers `ghcr.io/a/app`
    /// and `ghcr.io/a`, but not `ghcr.io/ab`.
    RegistryPattern, check
}

impl RegistryPattern {
    /// True if the pattern covers an image.
    ///
    /// A reference without a host is one of `docker.io`, and hosts are compared in the spelling
    /// of [`RegistryHost`].
    pub fn covers(&self, image: &ImageReference) -> bool {
        let (host, path) = split_at_host(self.as_str());
        let registry = image.registry();
        let repository = split_host(image.repository()).1;
        let is_official = registry.is_default_registry() && !repository.contains('/');
        let namespace = is_official.then_some(DEFAULT_NAMESPACE);
        let mut found = namespace.into_iter().chain(repository.split('/'));
        RegistryHost::from(host.to_owned()) == registry
            && path
                .split('/')
                .filter(|wanted| !wanted.is_empty())
                .all(|wanted| found.next() == Some(wanted))
    }

    /// True if the pattern is this registry, or a part of it.
    pub fn is_at(&self, host: &RegistryHost) -> bool {
        let (own, _) = split_at_host(self.as_str());
        RegistryHost::from(own.to_owned()) == *host
    }
}

/// Splits a pattern into its host and its path.
fn split_at_host(pattern: &str) -> (&str, &str) {
    pattern.split_once('/').unwrap_or((pattern, ""))
}

fn check(text: &str) -> garde::Result {
    let error = || {
        garde::Error::new(
            "Enter a registry host, with a path to match only part of it, for example \
             ghcr.io/team. Docker Hub images are under docker.io, official images under \
             docker.io/library.",
        )
    };
    // With a name after it, the pattern is an image reference, and the same rules apply.
    if ImageReference::new(format!("{text}/x")).is_err() {
        return Err(error());
    }
    let (host, _) = split_at_host(text);
    // Accept only one spelling, so that two different lines of a policy mean different things.
    if stands_for_host(host) && RegistryHost::from(host.to_owned()).as_str() == host {
        Ok(())
    } else {
        Err(error())
    }
}

#[cfg(test)]
mod tests {
    use super::RegistryPattern;
    use crate::value::ImageReference;

    fn covers(pattern: &str, image: &str) -> bool {
        let image = ImageReference::new(image).unwrap_or_else(|_| panic!("{image:?}"));
        RegistryPattern::new(pattern).unwrap().covers(&image)
    }

    #[test]
    fn whole_components_are_compared_and_nothing_else() {
        let digest = format!("ghcr.io/a@sha256:{}", "0".repeat(64));
        for (pattern, image) in [
            ("ghcr.io", "ghcr.io/a/app:1"),
            ("ghcr.io/a", "ghcr.io/a/app:1"),
            ("ghcr.io/a", "ghcr.io/a"),
            ("ghcr.io/a", digest.as_str()),
            ("ghcr.io/a", "ghcr.io/a:1"),
            ("registry.example.org:5000", "registry.example.org:5000/app"),
            ("localhost:5000/team", "localhost:5000/team/app"),
            ("docker.io", "nginx"),
            ("docker.io", "team/app"),
            ("docker.io", "index.docker.io/team/app"),
            ("docker.io/library", "nginx:1.27"),
            ("docker.io/library/nginx", "docker.io/nginx"),
            ("docker.io/library/nginx", "library/nginx"),
            ("ghcr.io", "GHCR.IO/a"),
            ("[fd00::1]:5000/team", "[FD00::1]:5000/team/app"),
        ] {
            assert!(covers(pattern, image), "{pattern} covers {image}");
        }
        for (pattern, image) in [
            ("ghcr.io/a", "ghcr.io/ab/app"),
            ("ghcr.io/a", "ghcr.io/ab"),
            ("ghcr.io/a/app", "ghcr.io/a/app2"),
            ("ghcr.io/a/app", "ghcr.io/a"),
            ("ghcr.io", "ghcr.io.example.org/a"),
            ("ghcr.io", "ghcr.iox/a"),
            ("ghcr.io", "xghcr.io/a"),
            ("ghcr.io", "ghcr.io:8443/a"),
            ("[fd00::1]", "[fd00::2]/a"),
            ("ghcr.io", "docker.io/ghcr.io/a"),
            ("registry.example.org:5000", "registry.example.org:50001/a"),
            ("registry.example.org:5000", "registry.example.org/a"),
            ("docker.io/library", "team/app"),
            ("docker.io/library", "libraryx/app"),
            ("docker.io/team", "team"),
            ("docker.io", "docker.io.example.org/a"),
            ("docker.io", "localhost/a"),
            ("docker.io", "DOCKER/a"),
            ("docker.io", "localhost:5000/docker.io/a"),
        ] {
            assert!(!covers(pattern, image), "{pattern} does not cover {image}");
        }
    }

    #[test]
    fn a_pattern_is_a_host_and_perhaps_a_path() {
        for wrong in [
            "",
            "nginx",
            "team/app",
            "*",
            "ghcr.io/*",
            "ghcr.io/",
            "/ghcr.io",
            "https://ghcr.io",
            "ghcr.io/a:1",
            "ghcr.io/../b",
            "GHCR.io",
            "index.docker.io",
            "ghcr.io a",
            "ghcr.io\na",
            "[FD00::1]",
        ] {
            assert!(RegistryPattern::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
