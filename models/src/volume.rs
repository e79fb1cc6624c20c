//! Volumes: data that outlives releases, restarts and deployments.

mod size;

use serde::{Deserialize, Serialize};

pub use size::VolumeSize;

use crate::{
    DeploymentId, RunnerId, VolumeId, WorkspaceId,
    deployment::Failure,
    time::Timestamp,
    value::{ContainerPath, ResourceName},
};

/// A volume: a folder of data on one runner, for at most one deployment at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Volume {
    /// The volume's id.
    pub volume_id: VolumeId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// The runner that has the data; it never changes.
    pub runner_id: RunnerId,
    /// What that runner is called.
    pub runner_name: ResourceName,
    /// Whether that runner is connected now; only then can it remove the data.
    pub runner_connected: bool,
    /// How much it is meant to hold, in bytes. Not every runner can hold an app to it.
    pub size_bytes: VolumeSize,
    /// The deployment that has it; absent when none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attachment>,
    /// Since when it is in the trash; absent when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trash: Option<Trash>,
    /// When its runner found that the volume is not on its machine any more, although a deployment has
    /// used it; absent when it is there as far as anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which deployment has a volume, and where.
///
/// It has it for as long as its settings, its live release or one on its way name the volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Its name.
    pub name: ResourceName,
    /// Where the data stands inside its instance.
    pub path: ContainerPath,
}

/// A volume's time in the trash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trash {
    /// When it was put there.
    pub trashed_at: Timestamp,
    /// Until when it can be restored; then its runner is asked to remove the data.
    pub purge_at: Timestamp,
    /// Whether its runner has been asked, so that there is no way back.
    pub is_purging: bool,
    /// Why the data is still there although its runner was asked; absent as long as it did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
}

/// What a runner said last of a volume that it could not remove. It is asked again until it can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Kept {
    /// Why it could not.
    pub failure: Failure,
    /// When it said so.
    pub at: Timestamp,
}
