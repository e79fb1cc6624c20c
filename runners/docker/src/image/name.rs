//! Names of images, taken apart as the engine does.

use models::value::ImageReference;

/// The repository and tag of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) repository: &'a str,
    pub(super) tag: Option<&'a str>,
}

/// Takes a reference apart, without its digest.
pub(super) fn parts(image: &ImageReference) -> Parts<'_> {
    let text = image.as_str();
    let text = text.split_once('@').map_or(text, |(name, _)| name);
    match text.rsplit_once(':') {
        // A colon before the last slash belongs to the registry's port.
        Some((repository, tag)) if !tag.contains('/') => Parts {
            repository,
            tag: Some(tag),
        },
        _ => Parts {
            repository: text,
            tag: None,
        },
    }
}

/// Strips the parts that stand for the default registry, as the engine does.
pub(super) fn familiar(repository: &str) -> &str {
    let hosts = ["docker.io/", "index.docker.io/"];
    let rest = hosts.iter().find_map(|host| repository.strip_prefix(host));
    let rest = rest.unwrap_or(repository);
    rest.strip_prefix("library/").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use models::value::ImageReference;

    use super::{Parts, parts};

    #[test]
    fn a_reference_is_taken_apart_at_the_right_colon() {
        let digest = format!("app:1@sha256:{}", "0".repeat(64));
        for (text, repository, tag) in [
            ("nginx", "nginx", None),
            ("nginx:1.27", "nginx", Some("1.27")),
            ("localhost:5000/app", "localhost:5000/app", None),
            ("localhost:5000/app:2", "localhost:5000/app", Some("2")),
            (&digest, "app", Some("1")),
        ] {
            assert_eq!(
                parts(&ImageReference::new(text).unwrap()),
                Parts { repository, tag },
                "{text}"
            );
        }
    }
}
