//! Environments: where deployments, secrets and volumes live.
//!
//! Names are unique in an environment. Workloads of one environment share a private network on each
//! runner.

use serde::{Deserialize, Serialize};

use crate::{EnvironmentId, ProjectId, WorkspaceId, time::Timestamp, value::ResourceName};

/// The most environments of a project.
pub const MAX_ENVIRONMENTS: i64 = 200;

/// The name of the environment that a project begins with.
pub const FIRST_ENVIRONMENT: &str = "production";

/// An environment with the number of its resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Environment {
    /// The environment's id.
    pub environment_id: EnvironmentId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The name of that project.
    pub project_name: ResourceName,
    /// Its name, unique in the project.
    pub name: ResourceName,
    /// True for the environment that names without one mean.
    ///
    /// It is the oldest one of the workspace's default project.
    pub is_default: bool,
    /// The number of its deployments.
    pub deployments: i64,
    /// The number of its secrets.
    pub secrets: i64,
    /// The number of its volumes, including those in the trash.
    pub volumes: i64,
    /// The time at which it was created.
    pub created_at: Timestamp,
}

impl Environment {
    /// True if nothing belongs to it, so that it can be deleted.
    pub fn is_empty(&self) -> bool {
        self.deployments == 0 && self.secrets == 0 && self.volumes == 0
    }
}

/// The environment of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EnvironmentSummary {
    /// The environment's id.
    pub environment_id: EnvironmentId,
    /// Its name, unique in the project.
    pub name: ResourceName,
    /// The project that it belongs to.
    pub project_id: ProjectId,
    /// The name of that project.
    pub project_name: ResourceName,
}
