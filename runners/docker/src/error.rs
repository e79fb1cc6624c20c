//! Errors of the engine, turned into Berth's.
//!
//! Most errors of the engine differ only in their text, and the texts contain words of people:
//! names, paths, commands. So the meaning comes from the status, from the engine's record of a
//! container, and from a look into the container; see `diagnose` and `image::refusal`. A text
//! counts only where it begins or ends with words that nobody but the engine can have put
//! there.

use bollard::errors::Error;
use models::deployment::FailureCode;
use models::value::ImageReference;
use runner_common::RunnerError;

/// The engine does not answer, or its answer cannot be understood.
pub(crate) fn silent(error: Error) -> RunnerError {
    RunnerError::platform(
        FailureCode::DockerSilent,
        "The Docker Engine is not responding. Check that it is running and that the runner can \
         access its socket.",
    )
    .with_source(error)
}

/// The engine refused something that should work.
///
/// Its words stay in the log: parts of them may be the answer of a host that someone sent it
/// to.
pub(crate) fn refused(error: Error) -> RunnerError {
    match error {
        Error::DockerResponseServerError { ref message, .. } if is_full(message) => {
            full().with_source(error)
        }
        Error::DockerResponseServerError { status_code, .. } => {
            let message = format!(
                "The Docker Engine rejected the request (status {status_code}). The runner's log \
                 has the engine's message."
            );
            RunnerError::platform(FailureCode::DockerRefused, message).with_source(error)
        }
        other => silent(other),
    }
}

/// True if a container was not started because another program has its port.
///
/// The engine's network messages contain nobody's words.
pub(crate) fn is_port_taken(error: &Error) -> bool {
    let Error::DockerResponseServerError { message, .. } = error else {
        return false;
    };
    let is_about_ports = [
        "driver failed programming external connectivity",
        "failed to set up container networking",
    ]
    .iter()
    .any(|begins| message.starts_with(begins));
    let is_taken = ["port is already allocated", "address already in use"];
    is_about_ports && is_taken.iter().any(|text| message.contains(text))
}

/// The image does not exist.
pub(crate) fn missing(image: &ImageReference) -> RunnerError {
    RunnerError::user(
        FailureCode::ImageNotFound,
        format!("The image {image} does not exist. Check the name and the tag."),
    )
}

/// True if a message ends with the cause of a full disk.
///
/// Programs in Go put the cause at the end; runtimes add one word.
fn is_full(message: &str) -> bool {
    let message = message.trim_end();
    let message = message.strip_suffix(": unknown").unwrap_or(message);
    message.ends_with("no space left on device")
}

/// The disk is full.
pub(crate) fn full() -> RunnerError {
    RunnerError::platform(
        FailureCode::DiskFull,
        "The disk of the runner's host is full. Free up space and try again.",
    )
}

/// True if the engine says that the object does not exist.
pub(crate) const fn is_missing(error: &Error) -> bool {
    has_status(error, 404)
}

/// True if the engine answered with this status.
pub(crate) const fn has_status(error: &Error, status: u16) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code, .. } if *status_code == status)
}

#[cfg(test)]
mod tests {
    use bollard::errors::Error;
    use models::deployment::{FailureCode, Fault};
    use runner_common::Retry;

    use super::{is_port_taken, refused};

    fn answered(status_code: u16, message: &str) -> Error {
        let message = message.to_owned();
        Error::DockerResponseServerError {
            status_code,
            message,
        }
    }

    #[test]
    fn a_taken_port_is_recognized_by_the_engines_message() {
        for taken in [
            "driver failed programming external connectivity on endpoint berth-a-b: Bind for \
             127.0.0.1:40000 failed: port is already allocated",
            "failed to set up container networking: driver failed programming external \
             connectivity on endpoint berth-a-b (1): failed to bind host port for \
             127.0.0.1:40000:172.17.0.2:80/tcp: address already in use",
        ] {
            assert!(is_port_taken(&answered(500, taken)), "{taken}");
        }
        for other in [
            "network berth is ambiguous",
            "runc create failed: exec: \"port is already allocated\": not found",
            "chdir to \"/address already in use\": permission denied",
        ] {
            assert!(!is_port_taken(&answered(500, other)), "{other}");
        }
    }

    #[test]
    fn a_full_disk_is_known_by_the_end_of_the_text() {
        for full in [
            "mkdir /var/lib/docker/overlay2/a-init: no space left on device",
            "failed to create shim task: write /run/x: no space left on device: unknown",
        ] {
            let error = refused(answered(500, full));
            assert_eq!(
                (error.code.clone(), error.fault),
                (FailureCode::DiskFull, Fault::Platform)
            );
            assert_ne!(error.retry, Retry::Never);
        }
        let other = "mkdir /no space left on device/x: not a directory";
        let error = refused(answered(500, other));
        assert_eq!(error.code, FailureCode::DockerRefused);
        assert!(!error.message.contains("mkdir"), "{error}");
    }
}
