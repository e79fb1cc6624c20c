//! The engine's errors in our words.
//!
//! The engine tells most things apart only by text. Each text that is looked for here is one that
//! it really says; whatever is not recognised is the platform's and is tried again.

use std::time::Duration;

use bollard::errors::Error;
use models::{runner::RegistryCredential, value::ImageReference};
use runner_common::RunnerError;

/// Registries that limit pulls count by the minute or slower.
const RATE_LIMITED_FOR: Duration = Duration::from_secs(30);

/// What a pull is called that failed for another reason than those that are told apart.
const PULL_FAILED: &str = "image_pull_failed";

/// The engine does not answer, or not so that it can be understood.
pub(crate) fn silent(error: Error) -> RunnerError {
    RunnerError::platform(
        "docker_silent",
        "The Docker Engine does not answer. Is it running, and may the runner use its socket?",
    )
    .because(error)
}

/// The engine refused something that should work.
pub(crate) fn refused(error: Error) -> RunnerError {
    match error {
        Error::DockerResponseServerError { ref message, .. } if is_full(message) => {
            full(message).because(error)
        }
        Error::DockerResponseServerError { ref message, .. } => {
            let message = format!("The Docker Engine refused: {message}");
            RunnerError::platform("docker_refused", message).because(error)
        }
        other => silent(other),
    }
}

/// A container could not be started.
pub(crate) fn not_started(error: Error) -> RunnerError {
    let Error::DockerResponseServerError { ref message, .. } = error else {
        return silent(error);
    };
    if says(
        message,
        &["port is already allocated", "address already in use"],
    ) {
        let message = "The port was taken by another program meanwhile.";
        return RunnerError::platform("port_taken", message).because(error);
    }
    if says(message, &["container process", "exec: \""]) {
        let message = format!(
            "The image's command cannot be run: {message}. Check the image's entry point and \
             that it was built for this machine's processor."
        );
        return RunnerError::user("command_not_runnable", message).because(error);
    }
    refused(error)
}

/// A configuration file could not be put into a container.
pub(crate) fn file_refused(error: Error) -> RunnerError {
    match error {
        Error::DockerResponseServerError {
            status_code: 400,
            ref message,
        } => {
            let message = format!("A configuration file cannot be put into the image: {message}");
            RunnerError::user("config_file_refused", message).because(error)
        }
        other => refused(other),
    }
}

/// An image could not be pulled, with this credential or with none.
pub(crate) fn not_pulled(
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
    error: Error,
) -> RunnerError {
    let message = match &error {
        Error::DockerResponseServerError { message, .. } => message.clone(),
        Error::DockerStreamError { error } => error.clone(),
        _ => return silent(error),
    };
    let platform = |code, words: &str| {
        RunnerError::platform(code, format!("{words} The engine said: {message}"))
    };
    if says(&message, &["no matching manifest"]) {
        RunnerError::user(
            "image_platform_mismatch",
            format!("The image {image} was not built for this machine's processor."),
        )
    } else if says(&message, &["toomanyrequests", "too many requests"]) {
        platform(
            "registry_rate_limited",
            "The registry limits pulls for now.",
        )
        .retry_after(RATE_LIMITED_FOR)
    } else if says(
        &message,
        &[
            "denied",
            "unauthorized",
            "authentication required",
            "no basic auth credentials",
        ],
    ) {
        access_denied(image, credential)
    } else if says(&message, &["manifest unknown", "not found", "name unknown"]) {
        missing(image)
    } else if is_full(&message) {
        full(&message)
    } else {
        platform(PULL_FAILED, &not_arrived(image))
    }
    .because(error)
}

/// It could not be learnt what the tag of an image means, with this credential or with none.
pub(crate) fn not_looked_up(
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
    error: Error,
) -> RunnerError {
    let mut error = not_pulled(image, credential, error);
    if error.code == PULL_FAILED {
        let asked = format!(
            "The registry {} did not say what {image} means.",
            image.registry()
        );
        error.code = "tag_lookup_failed";
        error.message = error.message.replacen(&not_arrived(image), &asked, 1);
    }
    error
}

fn not_arrived(image: &ImageReference) -> String {
    format!("The image {image} could not be pulled.")
}

/// The registry does not give the image away. Registries answer so for what does not exist too, so
/// as not to tell.
fn access_denied(image: &ImageReference, credential: Option<&RegistryCredential>) -> RunnerError {
    let host = image.registry();
    let message = match credential {
        None => format!(
            "The registry {host} has no image {image}, or does not give it to everybody. Check the \
             name and the tag. If the image is private, keep a user name and a password for {host} \
             under Registries and deploy again."
        ),
        Some(RegistryCredential { user_name, .. }) => format!(
            "The registry {host} has no image {image}, or does not give it to {user_name} with the \
             password that is kept under Registries. Check the name and the tag, and whether the \
             password still holds and may read this image; then deploy again."
        ),
    };
    RunnerError::user("image_access_denied", message)
}

/// There is no such image.
pub(crate) fn missing(image: &ImageReference) -> RunnerError {
    RunnerError::user(
        "image_not_found",
        format!("There is no image {image}. Check the name and the tag."),
    )
}

fn is_full(message: &str) -> bool {
    says(message, &["no space left"])
}

fn full(message: &str) -> RunnerError {
    RunnerError::platform(
        "disk_full",
        format!(
            "The disk of the runner's machine is full. Make room there and try again. The engine \
             said: {message}"
        ),
    )
}

/// Whether the engine says that there is no such thing.
pub(crate) const fn is_missing(error: &Error) -> bool {
    has_status(error, 404)
}

/// Whether the engine answered with this status.
pub(crate) const fn has_status(error: &Error, status: u16) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code, .. } if *status_code == status)
}

fn says(message: &str, texts: &[&str]) -> bool {
    let message = message.to_ascii_lowercase();
    texts.iter().any(|text| message.contains(text))
}

#[cfg(test)]
mod tests {
    use bollard::errors::Error;
    use models::{deployment::Fault, value::ImageReference};
    use runner_common::Retry;

    use super::{not_pulled, not_started};

    fn answered(status_code: u16, message: &str) -> Error {
        let message = message.to_owned();
        Error::DockerResponseServerError {
            status_code,
            message,
        }
    }

    #[test]
    fn what_the_engine_says_of_pulls_is_told_apart() {
        for (message, code, fault) in [
            (
                "manifest for nginx:nope not found: manifest unknown",
                "image_not_found",
                Fault::User,
            ),
            (
                "pull access denied for x, repository does not exist or may require 'docker login'",
                "image_access_denied",
                Fault::User,
            ),
            (
                "Head \"https://registry.example.org/v2/x/manifests/1\": no basic auth credentials",
                "image_access_denied",
                Fault::User,
            ),
            (
                "Head \"https://registry.example.org/v2/x/manifests/1\": unauthorized: \
                 authentication required",
                "image_access_denied",
                Fault::User,
            ),
            (
                "no matching manifest for linux/arm64 in the manifest list entries",
                "image_platform_mismatch",
                Fault::User,
            ),
            (
                "toomanyrequests: You have reached your pull rate limit",
                "registry_rate_limited",
                Fault::Platform,
            ),
            (
                "Get \"https://registry.example.org/v2/\": dial tcp: i/o timeout",
                "image_pull_failed",
                Fault::Platform,
            ),
            (
                "write /var/lib/docker: no space left on device",
                "disk_full",
                Fault::Platform,
            ),
        ] {
            let error = not_pulled(&ImageReference::trusted("x"), None, answered(500, message));
            assert_eq!((error.code, error.fault), (code, fault), "{message}");
            let tried_again = error.retry != Retry::Never;
            assert_eq!(tried_again, fault == Fault::Platform, "{message}");
        }
    }

    #[test]
    fn a_taken_port_is_tried_again_and_a_wrong_command_is_not() {
        let taken = "driver failed programming external connectivity on endpoint berth-a-b: Bind \
                     for 127.0.0.1:40000 failed: port is already allocated";
        let error = not_started(answered(500, taken));
        assert_eq!(error.code, "port_taken");
        assert_ne!(error.retry, Retry::Never);

        let wrong = "failed to create shim task: OCI runtime create failed: runc create failed: \
                     unable to start container process: exec: \"serve\": executable file not \
                     found in $PATH: unknown";
        let error = not_started(answered(400, wrong));
        assert_eq!(
            (error.code, error.fault),
            ("command_not_runnable", Fault::User)
        );
        assert_eq!(error.retry, Retry::Never);

        let full = "mkdir /var/lib/docker/overlay2/a-init: no space left on device";
        let error = not_started(answered(500, full));
        assert_eq!((error.code, error.fault), ("disk_full", Fault::Platform));

        let error = not_started(answered(400, "network berth is ambiguous"));
        assert_eq!(
            (error.code, error.fault),
            ("docker_refused", Fault::Platform)
        );
    }
}
