//! Releases: immutable attempts to run a deployment's specification.

use serde::{Deserialize, Serialize};

use super::{FailureCode, ImageSource, Spec};
use crate::{ReleaseId, actor::Author, time::Timestamp, value::ImageDigest};

/// A step of a rollout. A release only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleasePhase {
    /// Waits for its runner.
    Queued,
    /// The runner pulls the image.
    Pulling,
    /// The runner starts the candidate.
    Starting,
    /// The candidate is verified by a probe, health check, HTTP port or minimum uptime.
    Verifying,
    /// The new instances take over, and the old ones stop.
    Switching,
    /// The rollout succeeded. A later release replaces it without changing this phase.
    Live,
    /// The rollout failed; see [`Failure`].
    Failed,
    /// A person canceled the rollout.
    Cancelled,
    /// A newer release replaced it before it became live.
    Superseded,
}

impl ReleasePhase {
    /// All phases.
    pub const ALL: &'static [Self] = &[
        Self::Queued,
        Self::Pulling,
        Self::Starting,
        Self::Verifying,
        Self::Switching,
        Self::Live,
        Self::Failed,
        Self::Cancelled,
        Self::Superseded,
    ];

    /// The phases up to live, in order.
    pub const STEPS: &'static [Self] = &[
        Self::Queued,
        Self::Pulling,
        Self::Starting,
        Self::Verifying,
        Self::Switching,
        Self::Live,
    ];

    /// True if no other phase follows.
    pub const fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Live | Self::Failed | Self::Cancelled | Self::Superseded
        )
    }

    /// The phase's name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Pulling => "pulling",
            Self::Starting => "starting",
            Self::Verifying => "verifying",
            Self::Switching => "switching",
            Self::Live => "live",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }

    /// The longest time in this phase, in milliseconds. `None` for phases that end a rollout.
    ///
    /// Queued is long because a runner may be rebooting, and pulling because images are large. The
    /// others are long because an app may be slow to answer, and many instances take longer.
    /// Verifying leaves room for the start period of an image's health check, twice: for the first
    /// instance, and then for all others.
    pub const fn deadline_ms(self) -> Option<i64> {
        match self {
            Self::Queued => Some(10 * 60_000),
            Self::Verifying => Some(20 * 60_000),
            Self::Pulling => Some(15 * 60_000),
            Self::Starting => Some(2 * 60_000),
            Self::Switching => Some(60_000),
            Self::Live | Self::Failed | Self::Cancelled | Self::Superseded => None,
        }
    }
}

/// The party at fault for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The app or its specification.
    User,
    /// Berth, the runner's host or the network.
    Platform,
}

/// The reason for a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// The party at fault.
    pub fault: Fault,
    /// The failure, for programs, for example `image_not_found`.
    pub code: FailureCode,
    /// The failure and what to try, for people.
    pub message: String,
}

/// The reason for creating a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The deployment was created.
    Created,
    /// A person deployed it.
    Deployed,
    /// The deployment's settings were changed.
    Updated,
    /// A person restarted the live release.
    Restarted,
    /// A person rolled back to an older release.
    RolledBack,
    /// The tag of its image moved (auto-deploy).
    TagMoved,
}

impl ReleaseReason {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Deployed,
        Self::Updated,
        Self::Restarted,
        Self::RolledBack,
        Self::TagMoved,
    ];

    /// The reason's name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Deployed => "deployed",
            Self::Updated => "updated",
            Self::Restarted => "restarted",
            Self::RolledBack => "rolled_back",
            Self::TagMoved => "tag_moved",
        }
    }
}

/// The time at which a release reached a phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhaseChange {
    /// The phase it reached.
    pub phase: ReleasePhase,
    /// The time of the change.
    pub at: Timestamp,
}

/// The progress of the current phase, if the runner can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// The current step, for people, for example `Waiting for port 8080 to answer`.
    pub message: String,
    /// The number of bytes pulled so far, while an image is pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_bytes: Option<u64>,
    /// The number of bytes in total, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
}

/// A release of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// The release's id.
    pub release_id: ReleaseId,
    /// The number of the release within its deployment, from 1.
    pub number: i64,
    /// The current phase of its rollout.
    pub phase: ReleasePhase,
    /// The time of each phase that it reached, the first one first.
    pub timeline: Vec<PhaseChange>,
    /// The deadline of the current phase; absent if the rollout has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// The progress of the current phase; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The reason for the failure; absent if it did not fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The settings that it runs.
    pub spec: Spec,
    /// The digest of the image that the runner resolved; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
    /// The origin of the image. Absent until it is known, and with runners that ask no
    /// registries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_source: Option<ImageSource>,
    /// The reason for creating it.
    pub reason: ReleaseReason,
    /// The number of the release that it repeats; absent if it repeats none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i64>,
    /// The author: a person, or the tag of its image if that moved.
    pub created_by: Author,
    /// The time at which it was created.
    pub created_at: Timestamp,
}
