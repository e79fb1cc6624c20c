//! References to container images.

use super::{RegistryHost, checked_text, registry::MAX_HOST};

/// Longer references are refused by registries and engines alike.
const MAX_BYTES: usize = 512;

checked_text! {
    /// A container image: `[registry/]repository[:tag][@digest]`.
    ///
    /// The grammar is the one of the OCI distribution specification (v1.1, "Pulling manifests")
    /// with an optional host in front.
    ImageReference, check
}

impl ImageReference {
    /// The reference without its tag and digest.
    pub fn repository(&self) -> &str {
        split(self.as_str()).0
    }

    /// The digest the reference is pinned to, for example `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.as_str().split_once('@').map(|(_, digest)| digest)
    }

    /// The tag, `latest` when it names none; none when it is pinned to a digest.
    pub fn tag(&self) -> Option<&str> {
        match split(self.as_str()) {
            (_, _, Some(_)) => None,
            (_, tag, None) => Some(tag.unwrap_or("latest")),
        }
    }

    /// The registry that it comes from.
    pub fn registry(&self) -> RegistryHost {
        match self.as_str().split_once('/') {
            Some((first, _)) if is_host(first) => RegistryHost::from(first.to_owned()),
            _ => RegistryHost::default_registry(),
        }
    }
}

fn check(text: &str) -> garde::Result {
    let error = || {
        garde::Error::new(
            "Enter an image, for example nginx:1.27 or registry.example.org/team/app:2.",
        )
    };
    if text.is_empty() || text.len() > MAX_BYTES {
        return Err(error());
    }
    let (name, tag, digest) = split(text);
    if !digest.is_none_or(is_digest) {
        return Err(error());
    }
    let mut parts = name.split('/').peekable();
    if name.contains('/') && parts.peek().is_some_and(|first| is_host(first)) {
        // One that is too long for a host must not be taken for a part of a path, which an engine
        // may see differently.
        if parts.next().is_some_and(|host| host.len() > MAX_HOST) {
            return Err(error());
        }
    }
    if tag.is_none_or(is_tag) && parts.all(is_path_component) {
        Ok(())
    } else {
        Err(error())
    }
}

/// Name, tag and digest.
fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon behind the last slash begins a tag; one before it belongs to the host's port.
    match rest.rfind(':') {
        Some(at) if !rest[at..].contains('/') => (&rest[..at], Some(&rest[at + 1..]), digest),
        _ => (rest, None, digest),
    }
}

pub(super) fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let named = host.contains('.') || host == "localhost" || port.is_some();
    named
        && !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        && port.is_none_or(is_port)
}

/// Digits only: parsing a number alone would take a sign before it.
fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_path_component(text: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().next_back().is_some_and(alphanumeric)
        && text
            .bytes()
            .all(|b| alphanumeric(b) || matches!(b, b'.' | b'_' | b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    #[test]
    fn references_as_people_write_them_are_taken() {
        let digest = format!("app@sha256:{}", "0".repeat(64));
        for right in [
            "nginx",
            "nginx:1.27-alpine",
            "library/nginx",
            "ghcr.io/team/app:v1",
            "localhost:5000/app",
            "127.0.0.1:5000/team/app:2",
            digest.as_str(),
        ] {
            assert!(ImageReference::new(right).is_ok(), "{right:?} was refused");
        }
    }

    #[test]
    fn an_image_comes_from_the_host_it_names_and_no_other() {
        let digest = format!("ghcr.io/app@sha256:{}", "0".repeat(64));
        for (image, host) in [
            ("nginx", "docker.io"),
            ("nginx:1.27", "docker.io"),
            ("library/nginx", "docker.io"),
            ("ghcr/io", "docker.io"),
            ("index.docker.io/library/nginx", "docker.io"),
            ("ghcr.io/team/app:v1", "ghcr.io"),
            ("GHCR.io/team/app:v1", "ghcr.io"),
            (digest.as_str(), "ghcr.io"),
            ("team/ghcr.io/app", "docker.io"),
            ("ghcr.io.example.org/app", "ghcr.io.example.org"),
            ("localhost/app", "localhost"),
            ("127.0.0.1:5000/team/app:2", "127.0.0.1:5000"),
            ("127.0.0.1/team/app:5000", "127.0.0.1"),
        ] {
            let image = ImageReference::new(image).unwrap();
            assert_eq!(image.registry().as_str(), host, "{image}");
        }
    }

    #[test]
    fn a_tag_can_move_unless_a_digest_stands_behind_it() {
        let digest = format!("app:1@sha256:{}", "0".repeat(64));
        for (image, tag) in [
            ("nginx", Some("latest")),
            ("nginx:1.27", Some("1.27")),
            ("localhost:5000/app", Some("latest")),
            ("localhost:5000/app:2", Some("2")),
            (digest.as_str(), None),
        ] {
            assert_eq!(ImageReference::new(image).unwrap().tag(), tag, "{image}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = "a".repeat(513);
        let long_host = format!("{}io/app", "a.".repeat(130));
        for wrong in [
            "",
            "Nginx",
            "nginx:",
            "nginx:a b",
            "-nginx",
            "nginx;id",
            "$(id)",
            "a//b",
            "a@sha256:00",
            "a\n",
            "../a",
            "app:99999/x",
            "localhost:+5000/app",
            long.as_str(),
            long_host.as_str(),
        ] {
            assert!(ImageReference::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
