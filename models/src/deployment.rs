//! Deployments and their three axes of state: what is desired, the release that is an attempt at
//! it, and what a runner observed. The three are never mixed in one field.

mod config_file;
mod difference;
mod hidden;
mod image;
mod image_check;
mod image_source;
mod last_error;
mod log;
mod observed;
mod port;
mod probe;
mod release;
mod run;
mod scaling;
mod spec;
mod stats;
mod stop;
mod tag;
mod volume;

use serde::{Deserialize, Serialize};

pub use config_file::ConfigFile;
pub use difference::{Difference, differences};
pub use hidden::HideValues;
pub use image::{ImageDescription, ImageHealthCheck, ImagePlatform};
pub use image_check::ImageCheckUse;
pub use image_source::{CopyReason, ImageSource};
pub use last_error::LastError;
pub use log::{LogLine, LogStream};
pub use observed::{Freshness, Instance, InstanceState, Observed, Summary};
pub use port::{Port, Protocol, PublishedPort, Transport};
pub use probe::{Probe, ProbeKind, Question};
pub use release::{Failure, Fault, PhaseChange, Progress, Release, ReleasePhase, ReleaseReason};
pub use run::{Resources, RestartPolicy};
pub use scaling::{DEFAULT_CPU_TARGET, Scale, ScalingChange};
pub use spec::{
    MAX_ARGUMENTS, MAX_CONFIG_FILES, MAX_CONTENT_BYTES, MAX_ENVIRONMENT, MAX_INSTANCES, MAX_PORTS,
    Spec,
};
pub use stats::{DeploymentTrend, ReleaseMarker, StatsPoint, StatsSeries, TrendPoint, Usage};
pub use stop::{NoStopSignal, StopRule, StopSignal};
pub use tag::{TagLook, watchable};
pub use volume::{MAX_VOLUMES, VolumeMount};

use crate::{
    DeploymentId, RunnerId, WorkspaceId,
    time::Timestamp,
    value::{ImageReference, ResourceName},
};

/// What people want of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DesiredState {
    /// It should run.
    Running,
    /// It should not run, and everything about it is kept.
    Stopped,
    /// It should be gone.
    Deleted,
}

/// A deployment, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// The runner that it runs on.
    pub runner_id: RunnerId,
    /// What that runner is called.
    pub runner_name: ResourceName,
    /// What the next release will run.
    pub spec: Spec,
    /// What people want of it.
    pub desired: DesiredState,
    /// Grows with every change of what is wanted.
    pub generation: i64,
    /// How many instances should run; absent when none should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The newest release; absent until it was deployed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The facts of the newest image that the runner got; absent until it got one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageDescription>,
    /// What the runner saw last, with its age.
    pub observed: Observed,
    /// Whether it deploys by itself when the tag of its image moves.
    #[serde(default)]
    pub deploy_on_push: bool,
    /// What its runner found when it looked at the tag last; absent until it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagLook>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed by a person.
    pub updated_at: Timestamp,
}

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeploymentSummary {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// The image of its next release.
    pub image: ImageReference,
    /// What its runner is called.
    pub runner_name: ResourceName,
    /// What people want of it.
    pub desired: DesiredState,
    /// Where its newest release is; absent until it was deployed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<ReleasePhase>,
    /// What the runner saw last, with its age.
    pub observed: Observed,
    /// When it was last changed by a person.
    pub updated_at: Timestamp,
}
