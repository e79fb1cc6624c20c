//! Volumes: data that outlives releases, restarts and deployments.

mod size;

use serde::{Deserialize, Serialize};

pub use size::VolumeSize;

use crate::{
    DeploymentId, RunnerId, VolumeId, WorkspaceId,
    deployment::Failure,
    environment::EnvironmentSummary,
    time::Timestamp,
    value::{ContainerPath, ResourceName},
};

/// A volume: persistent data on one runner, for at most one deployment at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Volume {
    /// The volume's id.
    pub volume_id: VolumeId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// The environment that it belongs to.
    pub environment: EnvironmentSummary,
    /// Its name, unique in the environment.
    pub name: ResourceName,
    /// The runner that has the data; it never changes.
    pub runner_id: RunnerId,
    /// The name of that runner.
    pub runner_name: ResourceName,
    /// True if that runner is connected. Only a connected runner can remove the data.
    pub runner_connected: bool,
    /// The intended capacity, in bytes. Not every runner can enforce it.
    pub size_bytes: VolumeSize,
    /// The deployment that it is attached to; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attached: Option<Attachment>,
    /// The volume's time in the trash; absent if it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trash: Option<Trash>,
    /// The time at which its runner found that the data is missing from its host.
    ///
    /// Absent unless the volume is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_at: Option<Timestamp>,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// The deployment that a volume is attached to, and the mount path.
///
/// A volume stays attached as long as the settings, the live release or a release on its way
/// name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Its name.
    pub name: ResourceName,
    /// The mount path of the data inside the instance.
    pub path: ContainerPath,
}

/// A volume's time in the trash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trash {
    /// The time at which it was moved to the trash.
    pub trashed_at: Timestamp,
    /// The time until which it can be restored. Then its runner is asked to remove the data.
    pub purge_at: Timestamp,
    /// True if its runner was asked to remove the data. It can no longer be restored then.
    pub is_purging: bool,
    /// The reason why the data still exists although its runner was asked. Absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removal_failure: Option<RemovalFailure>,
}

/// A runner's last report about a volume that it could not remove.
///
/// The server asks again until the volume is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RemovalFailure {
    /// The reason.
    pub failure: Failure,
    /// The time of the report.
    pub at: Timestamp,
}
