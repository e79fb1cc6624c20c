//! Reasons why an image is not available.
//!
//! The engine reports the failure of a pull in a text that holds the image's name, the
//! registry's address and sometimes the registry's own words, so nothing is concluded from
//! words that any of those could have put there. Two facts can be requested instead: the engine
//! passes on the status of the registry's response about an image, and the platforms that the
//! image was built for.

use std::time::Duration;

use bollard::{Docker, errors::Error, models::DistributionInspect};
use models::{
    deployment::{FailureCode, ImagePlatform},
    runner::RegistryCredential,
    value::{ImageDigest, ImageReference},
};
use runner_common::RunnerError;
use tokio::time::timeout;

use crate::{credential, error, platform::HostPlatforms};

/// Pause after a rate limit. Registries that limit pulls count by the minute or slower.
const RATE_LIMITED_FOR: Duration = Duration::from_secs(30);

/// Timeout of a request to a registry that just failed.
const REGISTRY_TIMEOUT: Duration = Duration::from_secs(5);

/// An image, with everything needed to request it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageRequest<'a> {
    pub(crate) image: &'a ImageReference,
    pub(crate) digest: Option<&'a ImageDigest>,
    pub(crate) credential: Option<&'a RegistryCredential>,
}

/// A recognized cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    AccessDenied,
    Missing,
    RateLimited,
    DiskFull,
    Unknown,
}

/// Finds the reason of a failed pull.
pub(crate) async fn of_pull(
    docker: &Docker,
    host: &HostPlatforms,
    request: ImageRequest<'_>,
    failed: Error,
) -> RunnerError {
    let Some(words) = words(&failed) else {
        return error::silent(failed);
    };
    let mut cause = by_words(&words);
    if cause != Cause::DiskFull {
        match timeout(REGISTRY_TIMEOUT, ask(docker, request)).await {
            Ok(Ok(found)) => {
                if let Some(platforms) = foreign(host, &found) {
                    return host.mismatch(request.image, &platforms).with_source(failed);
                }
            }
            Ok(Err(refusal)) => cause = by_answer(&refusal).unwrap_or(cause),
            Err(_) => {}
        }
    }
    let image = request.image;
    let what = format!("Failed to pull the image {image}.");
    tell(cause, request, FailureCode::ImagePullFailed, &what).with_source(failed)
}

/// Finds the reason why a tag could not be resolved.
pub(crate) fn of_lookup(request: ImageRequest<'_>, failed: Error) -> RunnerError {
    let Some(words) = words(&failed) else {
        return error::silent(failed);
    };
    let cause = by_answer(&failed).unwrap_or_else(|| by_words(&words));
    let image = request.image;
    let what = format!("The registry {} did not resolve {image}.", image.registry());
    tell(cause, request, FailureCode::TagLookupFailed, &what).with_source(failed)
}

async fn ask(docker: &Docker, request: ImageRequest<'_>) -> Result<DistributionInspect, Error> {
    let shown = credential::for_pull(request.image, request.credential);
    let docker = credential::readable(docker);
    let name = match request.digest {
        Some(digest) if request.image.digest().is_none() => {
            format!("{}@{digest}", super::name::parts(request.image).repository)
        }
        _ => request.image.to_string(),
    };
    docker.inspect_registry_image(&name, shown).await
}

/// Returns the platforms of an image, if the host runs none of them.
fn foreign(host: &HostPlatforms, found: &DistributionInspect) -> Option<Vec<String>> {
    let platforms = found.platforms.iter().map(|platform| ImagePlatform {
        os: platform.os.clone().unwrap_or_default(),
        architecture: platform.architecture.clone().unwrap_or_default(),
        variant: platform.variant.clone(),
    });
    let platforms: Vec<_> = platforms.collect();
    let runs = platforms.is_empty() || platforms.iter().any(|one| host.runs(one));
    (!runs).then(|| platforms.iter().map(ToString::to_string).collect())
}

/// Finds the cause by the registry's status, where the engine passes it on.
fn by_answer(refusal: &Error) -> Option<Cause> {
    match refusal {
        Error::DockerResponseServerError { status_code, .. } => by_status(*status_code),
        _ => None,
    }
}

const fn by_status(status: u16) -> Option<Cause> {
    match status {
        401 | 403 => Some(Cause::AccessDenied),
        404 => Some(Cause::Missing),
        429 => Some(Cause::RateLimited),
        _ => None,
    }
}

/// Returns the engine's message; `None` when it sent none.
fn words(failed: &Error) -> Option<String> {
    match failed {
        Error::DockerResponseServerError { message, .. } => Some(message.clone()),
        Error::DockerStreamError { error } => Some(error.clone()),
        _ => None,
    }
}

/// Finds the cause by the end of the engine's message, which is its own.
///
/// Go programs put a cause after its effect. Addresses and the registry's words stand in quotes
/// and do not count.
fn by_words(words: &str) -> Cause {
    let words = unquoted(words).to_ascii_lowercase();
    let ends = |text: &str| words.trim_end().ends_with(text);
    if let Some(cause) = refused_body(&words) {
        return cause;
    }
    if ends("no space left on device") {
        Cause::DiskFull
    } else if ends("no basic auth credentials") || ends(": authentication required") {
        Cause::AccessDenied
    } else {
        Cause::Unknown
    }
}

/// Finds the cause by a response's status when the engine could not read its body.
fn refused_body(words: &str) -> Option<Cause> {
    let (_, rest) = words.split_once("error parsing http ")?;
    by_status(rest.split(' ').next()?.parse().ok()?)
}

/// Removes the quoted parts of a text.
fn unquoted(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut is_quoted, mut is_escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            letter if !is_quoted => plain.push(letter),
            _ => {}
        }
    }
    plain
}

fn tell(cause: Cause, request: ImageRequest<'_>, code: FailureCode, what: &str) -> RunnerError {
    let image = request.image;
    match cause {
        Cause::AccessDenied => access_denied(image, request.credential),
        Cause::Missing => error::missing(image),
        Cause::RateLimited => {
            let message = limited(image, request.credential);
            RunnerError::platform(FailureCode::RegistryRateLimited, message)
                .retry_after(RATE_LIMITED_FOR)
        }
        Cause::DiskFull => error::full(),
        Cause::Unknown => RunnerError::platform(
            code,
            format!(
                "{what} The runner's host could not reach the registry {}, or received an \
                 unexpected response. The runner's log has the engine's message.",
                image.registry()
            ),
        ),
    }
}

/// The error of a registry that denies access.
///
/// Registries respond the same way for images that do not exist, so as not to reveal it.
fn access_denied(image: &ImageReference, credential: Option<&RegistryCredential>) -> RunnerError {
    let host = image.registry();
    let message = match credential {
        None => format!(
            "The image {image} does not exist in the registry {host}, or it is private. Check the \
             name and the tag. If it is private, add a username and password for {host} under \
             Registries, then deploy again."
        ),
        Some(RegistryCredential { user_name, .. }) => format!(
            "The image {image} does not exist in the registry {host}, or {user_name} cannot read \
             it with the password saved under Registries. Check the name and the tag, and check \
             that the password is valid and has access to this image. Then deploy again."
        ),
    };
    RunnerError::user(FailureCode::ImageAccessDenied, message)
}

/// The message for a registry's rate limit, for pulls with or without an account.
fn limited(image: &ImageReference, credential: Option<&RegistryCredential>) -> String {
    let host = image.registry();
    match credential {
        None => format!(
            "The rate limit of the registry {host} was reached. To get a higher limit, add a \
             username and password for {host} under Registries, or deploy again later."
        ),
        Some(RegistryCredential { user_name, .. }) => {
            format!(
                "The rate limit of the registry {host} for {user_name} was reached. Deploy again \
                 later."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use bollard::{errors::Error, models::DistributionInspect};
    use models::{
        deployment::{FailureCode, Fault},
        runner::RegistryCredential,
        value::{ImageReference, PlatformName},
    };
    use runner_common::Retry;
    use serde_json::json;

    use super::{Cause, ImageRequest, by_words, foreign, of_lookup, unquoted};
    use crate::platform::HostPlatforms;

    fn answered(status_code: u16, message: &str) -> Error {
        let message = message.to_owned();
        Error::DockerResponseServerError {
            status_code,
            message,
        }
    }

    #[test]
    fn responses_are_distinguished_by_status() {
        let image = ImageReference::trusted("127.0.0.1:5000/access-denied-page:1");
        let request = ImageRequest {
            image: &image,
            digest: None,
            credential: None,
        };
        for (status, code, fault) in [
            (401, FailureCode::ImageAccessDenied, Fault::User),
            (403, FailureCode::ImageAccessDenied, Fault::User),
            (404, FailureCode::ImageNotFound, Fault::User),
            (429, FailureCode::RegistryRateLimited, Fault::Platform),
            (500, FailureCode::TagLookupFailed, Fault::Platform),
        ] {
            // The registry's own words must not count.
            for words in [
                "denied",
                "manifest unknown",
                "toomanyrequests: slow down",
                "",
            ] {
                let error = of_lookup(request, answered(status, words));
                assert_eq!(
                    (&error.code, error.fault),
                    (&code, fault),
                    "{status} {words}"
                );
                let tried_again = error.retry != Retry::Never;
                assert_eq!(tried_again, fault == Fault::Platform, "{status}");
            }
        }
    }

    #[test]
    fn a_rate_limit_of_a_registry_is_reported_with_advice() {
        let image = ImageReference::trusted("ghcr.io/a/app:1");
        let credential = json!({"host": "ghcr.io", "user_name": "ada", "password": "secret"});
        let credential: RegistryCredential = serde_json::from_value(credential).unwrap();
        for (credential, says) in [
            (None, "a username and password for ghcr.io under Registries"),
            (Some(&credential), "for ada was reached"),
        ] {
            let request = ImageRequest {
                image: &image,
                digest: None,
                credential,
            };
            let error = of_lookup(request, answered(429, "toomanyrequests"));
            assert!(error.message.contains(says), "{error}");
            assert!(error.message.contains("eploy again later."), "{error}");
        }
    }

    #[test]
    fn messages_count_only_where_no_registry_could_have_written_them() {
        for (words, cause) in [
            (
                r#"Head "http://127.0.0.1:5000/v2/access-denied-page/manifests/1": EOF"#,
                Cause::Unknown,
            ),
            (
                r#"Get "https://unauthorized.example.org/v2/": dial tcp: i/o timeout"#,
                Cause::Unknown,
            ),
            (
                r#"Head "https://registry.example.org/v2/x/manifests/1": no basic auth credentials"#,
                Cause::AccessDenied,
            ),
            (
                r#"Head "https://registry.example.org/v2/x/manifests/1": unauthorized: authentication required"#,
                Cause::AccessDenied,
            ),
            (
                "write /var/lib/docker/tmp/x: no space left on device",
                Cause::DiskFull,
            ),
            (
                r#"error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: "<html>no space left on device""#,
                Cause::Missing,
            ),
            (
                r#"error parsing HTTP 502 response body: unexpected end of JSON input: """#,
                Cause::Unknown,
            ),
            (
                "received unexpected HTTP status: 503 Service Unavailable",
                Cause::Unknown,
            ),
        ] {
            assert_eq!(by_words(words), cause, "{words}");
        }
    }

    #[test]
    fn quotes_end_where_they_end() {
        assert_eq!(unquoted(r#"a "b \" c" d "e"#), "a  d ");
    }

    #[test]
    fn an_image_for_other_hosts_only_is_known_by_its_platforms() {
        let host = HostPlatforms {
            own: PlatformName::trusted("linux/amd64").platform(),
            emulated: Vec::new(),
        };
        let found = |platforms: serde_json::Value| -> DistributionInspect {
            serde_json::from_value(json!({"Descriptor": {}, "Platforms": platforms})).unwrap()
        };
        let arm = json!({"os": "linux", "architecture": "arm64", "variant": "v8"});
        let intel = json!({"os": "linux", "architecture": "amd64"});
        assert_eq!(
            foreign(&host, &found(json!([arm]))),
            Some(vec!["linux/arm64/v8".to_owned()])
        );
        assert_eq!(foreign(&host, &found(json!([arm, intel]))), None);
        assert_eq!(foreign(&host, &found(json!([]))), None);
    }
}
