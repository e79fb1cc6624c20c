//! Projects: groups of environments.

use serde::{Deserialize, Serialize};

use crate::{
    ProjectId, WorkspaceId, environment::EnvironmentSummary, time::Timestamp, value::ResourceName,
};

/// The most projects of a workspace.
pub const MAX_PROJECTS: i64 = 200;

/// The name of the project that a workspace begins with.
pub const FIRST_PROJECT: &str = "main";

/// A project with its environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Project {
    /// The project's id.
    pub project_id: ProjectId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// True for the workspace's default project, which is the oldest one.
    pub is_default: bool,
    /// Its environments, the default one first, then by name.
    pub environments: Vec<EnvironmentSummary>,
    /// The time at which it was created.
    pub created_at: Timestamp,
}
