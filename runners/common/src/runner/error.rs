//! Why an operation on the platform failed.

use std::{error::Error, io, sync::Arc, time::Duration};

use models::{
    ansi::plain_lines,
    deployment::{Failure, Fault, VolumeMount},
};

/// Whether trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The same call will fail the same way.
    Never,
    /// It may work after at least this long.
    After(Duration),
}

/// Why an operation on the platform failed, and what to do about it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct RunnerError {
    /// Whose fault it is.
    pub fault: Fault,
    /// What failed, for programs, for example `image_not_found`.
    pub code: &'static str,
    /// What failed and what to try, for people.
    pub message: String,
    /// Whether trying again may help.
    pub retry: Retry,
    /// What is behind it; logged, never sent.
    #[source]
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl RunnerError {
    /// Something that the user can put right, and nothing but the user.
    pub fn user(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::User,
            code,
            message: message.into(),
            retry: Retry::Never,
            source: None,
        }
    }

    /// Something between us and the platform that may pass by itself.
    pub fn platform(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            fault: Fault::Platform,
            code,
            message: message.into(),
            retry: Retry::After(Duration::ZERO),
            source: None,
        }
    }

    /// The answer of a runner that cannot keep volumes to an instance that has some.
    pub fn no_volumes() -> Self {
        Self::user(
            "volumes_unsupported",
            "This runner cannot keep volumes. Choose another one.",
        )
    }

    /// The answer to an instance with a volume that must be there and is not.
    pub fn volume_lost(mount: &VolumeMount) -> Self {
        let message = format!(
            "The volume at {} is not on the runner's machine any more (id {}). Nothing was started, \
             so that the app does not begin with an empty folder in its place. If its disk is only \
             away, mount it again: the runner keeps looking. If the data is gone, choose Start empty \
             on the volume's page.",
            mount.path, mount.volume_id
        );
        Self::platform("volume_lost", message).never_again()
    }

    /// Something that the runner's own machine refused, and that may pass by itself.
    pub fn machine(error: io::Error) -> Self {
        let message = "The machine refused something that should work.";
        Self::platform("machine_failed", message).because(error)
    }

    /// The answer of a runner that cannot ask registries to a question about a tag.
    pub fn no_tags() -> Self {
        Self::user(
            "tags_unsupported",
            "This runner cannot ask a registry what a tag means. Deploy by hand, or choose another \
             one.",
        )
    }

    /// The same with what is behind it.
    #[must_use]
    pub fn because(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The same, to be tried again only after this long.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry = Retry::After(wait);
        self
    }

    /// The same, not to be tried again.
    #[must_use]
    pub fn never_again(mut self) -> Self {
        self.retry = Retry::Never;
        self
    }
}

impl From<RunnerError> for Failure {
    /// Words of an app or an engine may be among those of the error, so that they are cleaned here.
    fn from(error: RunnerError) -> Self {
        Self {
            fault: error.fault,
            code: error.code.to_owned(),
            message: plain_lines(&error.message).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use models::deployment::Failure;

    use super::RunnerError;

    #[test]
    fn no_colour_codes_reach_a_failure() {
        let error = RunnerError::user("a", "It said: \u{1b}[31mno\u{1b}[0m\n10%\r20%");
        assert_eq!(Failure::from(error).message, "It said: no\n20%");
    }
}
