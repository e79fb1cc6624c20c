//! Runs: tasks of a deployment that end, for example a database migration.
//!
//! A deployment goes on until it is stopped; a run is tried until it succeeds, or until no retry
//! is left.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, InstanceId, ReleaseId, RunId,
    actor::Author,
    deployment::{Failure, Progress, Spec},
    time::Timestamp,
    value::ImageDigest,
};

/// The most retries of a run.
pub const MAX_RETRIES: u16 = 10;

/// The default time limit of one attempt, in milliseconds: an hour.
pub const DEFAULT_TIMEOUT_MS: i64 = 60 * 60 * 1_000;

/// The longest time limit of one attempt, in milliseconds: a week.
pub const MAX_TIMEOUT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// The most runs of one deployment that have not ended.
pub const MAX_ACTIVE_RUNS: i64 = 20;

/// The phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// The runner has not accepted it yet.
    Queued,
    /// The runner gets the image.
    Pulling,
    /// The runner starts an attempt, or waits before the next one.
    Starting,
    /// An attempt runs.
    Running,
    /// An attempt exited with code 0.
    Succeeded,
    /// The last attempt failed, or none could be started.
    Failed,
    /// A person cancelled it, or its deployment was deleted.
    Cancelled,
}

impl RunPhase {
    /// All phases.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Pulling,
        Self::Starting,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The phase's name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pulling => "pulling",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the phase with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }

    /// True if the run has ended.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// The rules by which a run is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunTerms {
    /// The time limit of one attempt, in milliseconds, from its start.
    #[garde(range(min = 1_000, max = MAX_TIMEOUT_MS))]
    pub timeout_ms: i64,
    /// The number of further attempts after the first one fails.
    #[garde(range(max = MAX_RETRIES))]
    pub retries: u16,
}

impl RunTerms {
    /// Returns the number of attempts, with the first one.
    pub const fn attempts(self) -> u16 {
        self.retries.saturating_add(1)
    }
}

/// One attempt of a run: an instance that is never started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunAttempt {
    /// The number of the attempt, from 1.
    pub number: u16,
    /// Its instance; the deployment's log can be filtered by it.
    pub instance_id: InstanceId,
    /// The time at which it started; absent if it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// The time at which it was seen to have ended; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The exit code, 128 + n if signal n ended it; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// True if the kernel killed it because it ran out of memory.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub oom_killed: bool,
}

/// A run of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// The run's id.
    pub run_id: RunId,
    /// The deployment it belongs to.
    pub deployment_id: DeploymentId,
    /// The number of the run within its deployment, from 1.
    pub number: i64,
    /// The current phase.
    pub phase: RunPhase,
    /// The progress of the current phase; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The reason for the failure; absent if it did not fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The attempts that were begun, the first one first.
    pub attempts: Vec<RunAttempt>,
    /// The rules by which it is tried.
    pub terms: RunTerms,
    /// The release whose settings it uses.
    pub release_id: ReleaseId,
    /// The settings it runs with.
    pub spec: Spec,
    /// The digest of its image; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
    /// The time until which its runner must report; absent once it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// The actor who created it.
    pub created_by: Author,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time at which it ended; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Run {
    /// Returns the exit code of the last attempt; `None` if there is none yet.
    pub fn exit_code(&self) -> Option<i64> {
        self.attempts.last()?.exit_code
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::{MAX_RETRIES, MAX_TIMEOUT_MS, RunPhase, RunTerms};

    #[test]
    fn phases_have_the_same_name_everywhere() {
        for phase in RunPhase::ALL {
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.name());
            assert_eq!(RunPhase::named(phase.name()), Some(phase));
        }
    }

    #[test]
    fn a_run_ends_after_a_bounded_time() {
        let terms = |timeout_ms, retries| RunTerms {
            timeout_ms,
            retries,
        };
        assert!(terms(1_000, 0).validate().is_ok());
        assert!(terms(MAX_TIMEOUT_MS, MAX_RETRIES).validate().is_ok());
        assert!(terms(0, 0).validate().is_err());
        assert!(terms(MAX_TIMEOUT_MS + 1, 0).validate().is_err());
        assert!(terms(1_000, MAX_RETRIES + 1).validate().is_err());
    }
}
