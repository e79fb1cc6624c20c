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
    // An earlier server sends only the role. Without grants, nothing is offered that it may refuse.
    // In the contract the field stays required.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(!default))]
    pub grants: GrantSet,
    /// The number of its environments.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(!default))]
    pub environments: i64,
    /// The time at which it was created.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{GrantSet, Workspace};

    #[test]
    fn a_workspace_of_an_earlier_server_is_read_without_grants() {
        let wire = json!({
            "workspace_id": "0190163d-8694-739b-aea5-966c26f8ad91",
            "name": "main",
            "role": "owner",
            "created_at": "2026-11-30T00:00:00.000000Z",
        });
        let workspace: Workspace = serde_json::from_value(wire).unwrap();
        assert_eq!(workspace.grants, GrantSet::default());
    }
}
