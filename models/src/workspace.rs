//! Workspaces.

use serde::{Deserialize, Serialize};

use crate::{WorkspaceId, rbac::Role, time::Timestamp, value::ResourceName};

/// A workspace, as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workspace {
    /// The workspace's id.
    pub workspace_id: WorkspaceId,
    /// What it is called.
    pub name: ResourceName,
    /// What the caller is in it.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
}
