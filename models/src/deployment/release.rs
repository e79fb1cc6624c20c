//! Releases: immutable attempts to make what a deployment asks for true.

use serde::{Deserialize, Serialize};

use super::{ImageSource, Spec};
use crate::{ReleaseId, actor::Author, time::Timestamp};

/// Where a release is on its way. It only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleasePhase {
    /// Waits for its runner.
    Queued,
    /// The runner gets the image.
    Pulling,
    /// The runner starts the new instance.
    Starting,
    /// The new instance must show that it works.
    Verifying,
    /// The new instance takes over from the old one.
    Switching,
    /// It is what runs. Later releases take its place without changing this.
    Live,
    /// It did not become live; see [`Failure`].
    Failed,
    /// A person took it back.
    Cancelled,
    /// A newer release took its place before it became live.
    Superseded,
}

impl ReleasePhase {
    /// Every phase.
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

    /// The phases on the way to live, in order.
    pub const STEPS: &'static [Self] = &[
        Self::Queued,
        Self::Pulling,
        Self::Starting,
        Self::Verifying,
        Self::Switching,
        Self::Live,
    ];

    /// Whether nothing will follow.
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

    /// How long a release may stay in this phase, in milliseconds; none for the last ones.
    ///
    /// Queued is long because a runner may be rebooting; pulling because images are large; the
    /// rest because an app may take its time to answer, and many instances more of it. Verifying has
    /// room for the start period of an image's health check, twice: for the first instance and then
    /// for all others.
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

/// Whose fault a failure was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The app or what was asked for.
    User,
    /// Berth, the runner's machine or the network.
    Platform,
}

/// Why a release failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// Whose fault it was.
    pub fault: Fault,
    /// What failed, for programs, for example `image_not_found`.
    pub code: String,
    /// What failed and what to try, for people.
    pub message: String,
}

/// Why a release was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The deployment was made.
    Created,
    /// A person asked for it.
    Deployed,
    /// The deployment's settings were changed.
    Updated,
    /// What was live was to start afresh.
    Restarted,
    /// An older release was to run again.
    RolledBack,
    /// The tag of its image moved.
    Pushed,
}

impl ReleaseReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Deployed,
        Self::Updated,
        Self::Restarted,
        Self::RolledBack,
        Self::Pushed,
    ];

    /// The reason's name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Deployed => "deployed",
            Self::Updated => "updated",
            Self::Restarted => "restarted",
            Self::RolledBack => "rolled_back",
            Self::Pushed => "pushed",
        }
    }
}

/// When a release reached a phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhaseChange {
    /// The phase it reached.
    pub phase: ReleasePhase,
    /// When it did.
    pub at: Timestamp,
}

/// How far the present phase is, where the runner can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// What is being done, for people, for example `Waiting for port 8080 to answer`.
    pub message: String,
    /// Bytes that are done, while an image is pulled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_bytes: Option<u64>,
    /// Bytes there are in all, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_bytes: Option<u64>,
}

/// A release of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// The release's id.
    pub release_id: ReleaseId,
    /// Counts the deployment's releases from 1.
    pub number: i64,
    /// Where it is.
    pub phase: ReleasePhase,
    /// When it reached each phase, the first one first.
    pub timeline: Vec<PhaseChange>,
    /// When the present phase must be over; absent when nothing follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Timestamp>,
    /// How far the present phase is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What it runs.
    pub spec: Spec,
    /// The digest of the image that the runner found; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// The place that the image came from; absent until then, and where a runner knows no registries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_source: Option<ImageSource>,
    /// Why it was made.
    pub reason: ReleaseReason,
    /// The number of the release that it repeats, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<i64>,
    /// The party that made it: a person, or the tag of its image when that moved.
    pub created_by: Author,
    /// When it was made.
    pub created_at: Timestamp,
}
