//! References to container images.

use super::{
    ImageDigest, RegistryHost, checked_text,
    image_digest::{is_digest, is_hex},
    registry::is_host,
};

/// The longest path of a repository, without its host.
///
/// Source: distribution/reference, `RepositoryNameTotalLengthMax`.
const MAX_PATH: usize = 255;
/// The longest tag.
const MAX_TAG: usize = 128;

checked_text! {
    /// A container image: `[registry/]repository[:tag][@digest]`.
    ///
    /// The grammar is that of the engines: the distribution project's `reference` package.
    ImageReference, check
}

impl ImageReference {
    /// The reference without its tag and digest.
    pub fn repository(&self) -> &str {
        split(self.as_str()).0
    }

    /// The digest the reference is pinned to.
    pub fn digest(&self) -> Option<ImageDigest> {
        split(self.as_str()).2?.parse().ok()
    }

    /// The tag, `latest` if the reference names none; `None` if it has a digest.
    pub fn tag(&self) -> Option<&str> {
        match split(self.as_str()) {
            (_, _, Some(_)) => None,
            (_, tag, None) => Some(tag.unwrap_or("latest")),
        }
    }

    /// True for `localhost/NAME`, the name of images that were built locally.
    ///
    /// It is Podman's convention for images that were not pushed.
    pub fn is_local(&self) -> bool {
        self.as_str().starts_with("localhost/")
    }

    /// Returns the registry of the image.
    pub fn registry(&self) -> RegistryHost {
        match split_host(self.as_str()).0 {
            Some(host) => RegistryHost::from(host.to_owned()),
            None => RegistryHost::default_registry(),
        }
    }
}

fn check(text: &str) -> garde::Result {
    let error = |message: &str| Err(garde::Error::new(message));
    if text.contains("://") {
        return error("Remove the https:// prefix, for example registry.example.org/app:2.");
    }
    if is_hex(text, 64) {
        return error("This is an image id. Enter the image's name, for example nginx:1.27.");
    }
    let (host, rest) = split_host(text);
    let (path, tag, digest) = split(rest);
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return error("Image names must be lowercase. Only the tag can contain uppercase letters.");
    }
    if path.len() > MAX_PATH {
        return error("An image name can be at most 255 characters.");
    }
    if host.is_none_or(is_host)
        && path.split('/').all(is_path_component)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest)
    {
        Ok(())
    } else {
        error("Enter an image, for example nginx:1.27 or registry.example.org/team/app:2.")
    }
}

/// Splits off the host, if the reference names one.
///
/// The first component is a host when it cannot be a namespace of Docker Hub
/// (distribution/reference, `splitDockerDomain`).
pub(super) fn split_host(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest)) if stands_for_host(first) => (Some(first), rest),
        _ => (None, text),
    }
}

/// True if a first component is a host instead of a namespace.
pub(super) fn stands_for_host(first: &str) -> bool {
    first.contains(['.', ':'])
        || first == "localhost"
        || first.bytes().any(|b| b.is_ascii_uppercase())
}

/// Splits a reference into name, tag and digest.
fn split(text: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon after the last slash begins a tag; one before it belongs to the host's port.
    match rest.rfind(':') {
        Some(at) if !rest[at..].contains('/') => (&rest[..at], Some(&rest[at + 1..]), digest),
        _ => (rest, None, digest),
    }
}

/// True for lower-case letters and digits, with separators between them.
///
/// A separator is one dot, one or two underscores, or any number of hyphens.
fn is_path_component(text: &str) -> bool {
    let is_separator = |c: char| matches!(c, '.' | '_' | '-');
    let is_of_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = text.split(is_of_word).filter(|between| !between.is_empty());
    !text.is_empty()
        && !text.starts_with(is_separator)
        && !text.ends_with(is_separator)
        && separators.all(|s| matches!(s, "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=MAX_TAG).contains(&text.len())
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|b| word(b) || matches!(b, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::ImageReference;

    /// Returns a digest of an algorithm with this many digits.
    fn digest(algorithm: &str, digits: usize) -> String {
        format!("{algorithm}:{}", "f".repeat(digits))
    }

    // The references of the two tests below are from the tests of the grammar itself
    // (distribution/reference 0.6, reference_test.go and normalize_test.go).

    #[test]
    fn references_that_engines_accept_are_accepted() {
        let sha256 = digest("sha256", 64);
        for right in [
            "test_com",
            "test.com:tag",
            "test.com:5000",
            "test.com/repo:tag",
            "test:5000/repo",
            "test:5000/repo:tag",
            &format!("test:5000/repo@{sha256}"),
            &format!("test:5000/repo:tag@{sha256}"),
            &format!("validname@{}", digest("sha512", 128)),
            "lowercase:Uppercase",
            &format!("{}a:tag-puts-this-over-max", "a/".repeat(127)),
            "sub-dom1.foo.com/bar/baz/quux:some-long-tag",
            "b.gcr.io/test.example.com/my-app:test.example.com",
            &format!("xn--7o8h.com/myimage:xn--7o8h.com@{sha256}"),
            "foo_bar.com:8080",
            "foo/foo_bar.com:8080",
            "192.168.1.1",
            "192.168.1.1:5000/repo:5050",
            "[2001:db8::1]/repo",
            "[2001:db8:1:2:3:4:5:6]/repo:tag",
            "[2001:db8::1]:5000/repo",
            "[2001:db8::1]:5000/repo:tag",
            &format!("[2001:db8::1]:5000/repo:tag@{sha256}"),
            "[2001:db8::]:5000/repo",
            "[::1]:5000/repo",
            &format!("example.com/{}:tag", "a".repeat(255)),
            "library/debian",
            "localhost/library/debian",
            "LOCALDOMAIN/debian",
            "Docker/docker",
            "index.docker.io/debian",
            "192.168.0.1:8/debian",
            "thisisthesongthatneverendsitgoesonandonandonthisisthesongthatnev",
            "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
            "docker---rules/docker",
            "d/docker",
            "dock__er/docker",
        ] {
            assert!(ImageReference::new(right).is_ok(), "{right:?} was refused");
        }
    }

    #[test]
    fn references_that_engines_refuse_are_refused() {
        let sha256 = digest("sha256", 64);
        for wrong in [
            "",
            ":justtag",
            &format!("@{sha256}"),
            &format!("repo@{}", digest("sha256", 34)),
            &format!("validname@{}", digest("invaliddigest", 64)),
            "Uppercase:tag",
            "test:5000/Uppercase/lowercase:tag",
            &format!("domain/{}:tag", "a".repeat(256)),
            "aa/asdf$$^/aa",
            "[2001:db8::1]",
            "[2001:db8::1]:5000",
            "[fe80::1%eth0]:5000/repo",
            "[fe80::1%@invalidzone]:5000/repo",
            "https://github.com/docker/docker",
            "docker/Docker",
            "-docker",
            "-docker.io/docker/docker",
            "docker///docker",
            "fc00::1:5000/debian",
            "[2001:db8:3:4::192.0.2.33]:5000/debian",
            "1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
            "docker-/docker",
            "____/____",
            "_docker/_docker",
            "dock..er/docker",
            "dock_.er/docker",
            "dock-.er/docker",
            "docker/",
        ] {
            assert!(ImageReference::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn references_that_no_registry_can_have_are_refused() {
        let long_host = format!("{}io/app", "a.".repeat(130));
        let long_tag = format!("app:{}", "a".repeat(129));
        for wrong in [
            "a..b",
            "a___b",
            "nginx:",
            "nginx:a b",
            "nginx;id",
            "$(id)",
            "a//b",
            "a@sha256:00",
            "a\nb",
            "../a",
            "app:99999/x",
            "localhost:+5000/app",
            "[::::]/app",
            "[]/app",
            "[::1/app",
            "[::1]x/app",
            "[::1]:/app",
            "a..b/c",
            "foo_bar.com/app",
            &format!("app@{}", digest("sha256", 64).to_uppercase()),
            &long_host,
            &long_tag,
        ] {
            assert!(ImageReference::new(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_refusal_suggests_a_correction() {
        let id = "0".repeat(64);
        for (wrong, advice) in [
            ("Nginx:1", "lowercase"),
            ("docker/Docker", "lowercase"),
            ("https://ghcr.io/a", "Remove the https"),
            (id.as_str(), "Enter the image's name"),
            ("nginx:", "for example nginx:1.27"),
        ] {
            let refusal = ImageReference::new(wrong).unwrap_err().to_string();
            assert!(refusal.contains(advice), "{wrong:?}: {refusal}");
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
            ("fooo/bar", "docker.io"),
            ("library/foo/bar", "docker.io"),
            ("LOCALDOMAIN/fooo/bar", "LOCALDOMAIN"),
            ("Foo/bar", "FOO"),
            ("Registry:5000/app", "registry:5000"),
            ("[fd00::1]:5000/app", "[fd00::1]:5000"),
            ("[FD00:0::1]/app:1", "[fd00::1]"),
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
            ("[::1]:5000/app", Some("latest")),
            ("[::1]:5000/app:2", Some("2")),
            (digest.as_str(), None),
        ] {
            assert_eq!(ImageReference::new(image).unwrap().tag(), tag, "{image}");
        }
    }
}
