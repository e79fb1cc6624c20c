//! Where images may come from.

use super::{ImageReference, checked_text};

/// The registry of a reference that names none, as every engine has it.
const DEFAULT_HOST: &str = "docker.io";
/// Another name of the same registry.
const DEFAULT_HOST_ALIAS: &str = "index.docker.io";
/// What stands before an image of the default registry that is in no namespace.
const DEFAULT_NAMESPACE: &str = "library";

checked_text! {
    /// A registry, or a part of one: a host with its port and the first components of a path, for
    /// example `ghcr.io`, `registry.example.org:5000/team` or `docker.io/library/nginx`.
    ///
    /// It covers what lies below it, component by component: `ghcr.io/a` covers `ghcr.io/a/app` and
    /// `ghcr.io/a`, and not `ghcr.io/ab`.
    RegistryPattern, check
}

impl RegistryPattern {
    /// Whether an image lies below this pattern. A reference without a host is one of `docker.io`.
    pub fn covers(&self, image: &ImageReference) -> bool {
        let image = components(image);
        let mut components = image.iter();
        self.as_str()
            .split('/')
            .all(|wanted| components.next().is_some_and(|found| *found == wanted))
    }
}

/// Host and path of an image, written out. What the host is follows the rule of the engines, which
/// is not that of [`ImageReference`]: a first component with a dot or a colon is a host for them.
fn components(image: &ImageReference) -> Vec<&str> {
    let name = image.repository();
    let mut parts: Vec<&str> = name.split('/').collect();
    let is_host = |part: &str| {
        part.contains(['.', ':'])
            || part == "localhost"
            || part.bytes().any(|b| b.is_ascii_uppercase())
    };
    if parts.len() > 1 && is_host(parts[0]) {
        if parts[0] == DEFAULT_HOST_ALIAS {
            parts[0] = DEFAULT_HOST;
        }
    } else {
        parts.insert(0, DEFAULT_HOST);
    }
    if parts[0] == DEFAULT_HOST && parts.len() == 2 {
        parts.insert(1, DEFAULT_NAMESPACE);
    }
    parts
}

fn check(text: &str) -> garde::Result {
    let error = || {
        garde::Error::new(
            "Enter a registry's host, with a path where only a part of it is meant, for example \
             ghcr.io/team. Images of Docker Hub are below docker.io, official ones below \
             docker.io/library.",
        )
    };
    // With a name behind it, it is an image, whose rules are the same.
    if ImageReference::new(format!("{text}/x")).is_err() {
        return Err(error());
    }
    let host = text.split('/').next().unwrap_or_default();
    let is_host = host.contains(['.', ':']) || host == "localhost";
    let is_lower = !text.bytes().any(|b| b.is_ascii_uppercase());
    if is_host && is_lower && host != DEFAULT_HOST_ALIAS {
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
            ("ghcr.io", "GHCR.IO/a"),
            ("ghcr.io", "ghcr.io:8443/a"),
            ("ghcr.io", "docker.io/ghcr.io/a"),
            ("registry.example.org:5000", "registry.example.org:50001/a"),
            ("registry.example.org:5000", "registry.example.org/a"),
            ("docker.io/library", "team/app"),
            ("docker.io/library", "libraryx/app"),
            ("docker.io/team", "team"),
            ("docker.io", "docker.io.example.org/a"),
            ("docker.io", "localhost/a"),
            ("docker.io", "a..b/c"),
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
            "ghcr.io\n",
        ] {
            assert!(RegistryPattern::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
