//! Errors of operations on the platform.

use std::{error::Error, io, sync::Arc, time::Duration};

use models::{
    ansi::plain_lines,
    deployment::{Failure, FailureCode, Fault, VolumeMount},
};

/// Advice on retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same call will fail the same way.
    Never,
    /// The call may work after at least this long.
    After(Duration),
}

/// An error of an operation on the platform, with advice on retries.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct RunnerError {
    /// The party at fault.
    pub fault: Fault,
    /// The code of the error. Other kinds of runners may have codes of their own.
    pub code: FailureCode,
    /// Message for people: the failure, and a remedy to try.
    pub message: String,
    /// Advice on retries.
    pub retry: Retry,
    /// Underlying error; logged, never sent.
    #[source]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl RunnerError {
    /// An error that the user, and only the user, can fix.
    pub fn user(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::User,
            code,
            message: message.into(),
            retry: Retry::Never,
            source: None,
        }
    }

    /// An error between the runner and the platform that may pass by itself.
    pub fn platform(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Platform,
            code,
            message: message.into(),
            retry: Retry::After(Duration::ZERO),
            source: None,
        }
    }

    /// The error of a runner that cannot keep volumes, for an instance with some.
    pub(crate) fn no_volumes() -> Self {
        Self::user(
            FailureCode::VolumesUnsupported,
            "This runner does not support volumes. Choose another one.",
        )
    }

    /// The error for an instance with an expected volume that does not exist.
    pub fn volume_lost(mount: &VolumeMount) -> Self {
        let message = format!(
            "The volume at {} is no longer on the runner's host (id {}). The app was not started, \
             so that it does not run with an empty directory instead. If the volume's disk is not \
             mounted, mount it again; the runner keeps checking. If the data is lost, choose Start \
             empty on the volume's page.",
            mount.path, mount.volume_id
        );
        Self::platform(FailureCode::VolumeLost, message).permanent()
    }

    /// The error for a volume that an instance or a workload still has.
    pub fn volume_busy() -> Self {
        Self::platform(
            FailureCode::VolumeBusy,
            "Another instance is still using the volume. Wait until that instance has stopped.",
        )
    }

    /// An error of the runner's own host that may pass by itself.
    pub fn host(error: io::Error) -> Self {
        let message = "An operation on the runner's host failed. Check the runner's log.";
        Self::platform(FailureCode::HostFailed, message).with_source(error)
    }

    /// The error of a runner that has no terminals.
    pub(crate) fn no_terminals() -> Self {
        Self::user(
            FailureCode::TerminalUnsupported,
            "This runner does not support terminals. Run a command instead.",
        )
    }

    /// The error of a runner that cannot resolve tags.
    pub(crate) fn no_tags() -> Self {
        Self::user(
            FailureCode::TagsUnsupported,
            "This runner does not support auto-deploy. Deploy manually, or choose another runner.",
        )
    }

    /// The error of a runner that does not support runs.
    pub(crate) fn no_runs() -> Self {
        Self::user(
            FailureCode::RunsUnsupported,
            "This runner does not support runs. Update it, or choose another runner.",
        )
    }

    /// Adds the underlying error.
    #[must_use]
    pub fn with_source(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Allows a retry only after this long.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry = Retry::After(wait);
        self
    }

    /// Forbids retries.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.retry = Retry::Never;
        self
    }
}

impl From<RunnerError> for Failure {
    /// Sanitizes the message: it may quote an app or an engine.
    fn from(error: RunnerError) -> Self {
        Self {
            fault: error.fault,
            code: error.code,
            message: plain_lines(&error.message).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use models::deployment::{Failure, FailureCode};

    use super::RunnerError;

    #[test]
    fn no_color_codes_reach_a_failure() {
        let error = RunnerError::user(
            FailureCode::AppExited,
            "It said: \u{1b}[31mno\u{1b}[0m\n10%\r20%",
        );
        assert_eq!(Failure::from(error).message, "It said: no\n20%");
    }
}
