//! Workspaces.

use serde::{Deserialize, Serialize};

use crate::{
    WorkspaceId,
    rbac::{GrantSet, Role},
    time::Timestamp,
    value::ResourceName,
};

/// A workspace, as shown to one of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workspace {
    /// The workspace's id.
    pub workspace_id: WorkspaceId,
    /// The workspace's name.
    pub name: ResourceName,
    /// The caller's role in it.
    pub role: Role,
    /// The caller's permissions in it. Ask these instead of the role.
    pub grants: GrantSet,
    /// The time at which it was created.
    pub created_at: Timestamp,
}
