//! Deployments and their three kinds of state, which no field mixes.
//!
//! The desired state is what people asked for, a release is an attempt to run it, and the
//! observed state is what a runner reported.

mod config_file;
mod diff;
mod failure_code;
mod image;
mod image_check;
mod image_source;
mod last_error;
mod log;
mod observed;
mod port;
mod probe;
mod redact;
mod release;
mod resources;
mod restart_policy;
mod scaling;
mod source;
mod spec;
mod stats;
mod stop;
mod tag;
mod volume;

use serde::{Deserialize, Serialize};

pub use config_file::ConfigFile;
pub use diff::{SpecChange, diff};
pub use failure_code::{FailureCode, OtherCode};
pub use image::{ImageDescription, ImageHealthCheck, ImagePlatform};
pub use image_check::ImageCheckUse;
pub use image_source::{CopyReason, ImageSource};
pub use last_error::LastError;
pub use log::{LogLine, LogStream};
pub use observed::{Freshness, Instance, InstanceState, Observed, Summary};
pub use port::{Port, Protocol, PublishedPort, Transport};
pub use probe::{Probe, ProbeKind, Question};
pub use redact::Redact;
pub use release::{Failure, Fault, PhaseChange, Progress, Release, ReleasePhase, ReleaseReason};
pub use resources::Resources;
pub use restart_policy::RestartPolicy;
pub use scaling::{DEFAULT_CPU_TARGET, Scale, ScalingChange};
pub use source::{Source, SourceKind};
pub use spec::{
    MAX_ARGUMENTS, MAX_CONFIG_FILES, MAX_CONTENT_BYTES, MAX_ENVIRONMENT, MAX_INSTANCES, MAX_PORTS,
    Referenced, Spec, SpecFile, SpecStage, SpecVariable,
};
pub use stats::{DeploymentTrend, ReleaseMarker, StatsPoint, StatsSeries, TrendPoint, Usage};
pub use stop::{InvalidStopSignal, StopPolicy, StopSignal};
pub use tag::{TagStatus, check_watchable};
pub use volume::{MAX_VOLUMES, VolumeMount};

use crate::{
    DeploymentId, RunnerId, WorkspaceId,
    environment::EnvironmentSummary,
    time::Timestamp,
    value::{ImageReference, ResourceName},
};

/// The desired state of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DesiredState {
    /// Instances should run.
    Running,
    /// No instances should run; everything else is kept.
    Stopped,
    /// The deployment should be removed.
    Deleted,
}

/// A deployment with its settings and state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// The environment that it belongs to.
    pub environment: EnvironmentSummary,
    /// Its name, unique in the environment.
    pub name: ResourceName,
    /// The runner that it runs on.
    pub runner_id: RunnerId,
    /// The name of that runner.
    pub runner_name: ResourceName,
    /// The settings of the next release.
    pub spec: Spec,
    /// The desired state.
    pub desired: DesiredState,
    /// A number that grows with each change of the desired state.
    pub generation: i64,
    /// The desired instance count; absent if no instances should run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The newest release; absent until the first deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// The configuration of the newest image that the runner pulled; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageDescription>,
    /// The observed state, with its age.
    pub observed: Observed,
    /// True if auto-deploy is on: a moved tag of its image creates a release.
    #[serde(default)]
    pub auto_deploy: bool,
    /// The result of the last check of the tag; absent until the runner has checked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagStatus>,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time of the last change by a person.
    pub updated_at: Timestamp,
}

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeploymentSummary {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The environment that it belongs to.
    pub environment: EnvironmentSummary,
    /// Its name, unique in the environment.
    pub name: ResourceName,
    /// The image of the next release.
    pub image: ImageReference,
    /// The name of its runner.
    pub runner_name: ResourceName,
    /// The desired state.
    pub desired: DesiredState,
    /// The phase of the newest release; absent until the first deploy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<ReleasePhase>,
    /// The observed state, with its age.
    pub observed: Observed,
    /// The time of the last change by a person.
    pub updated_at: Timestamp,
}
