//! The API tokens of a person in a workspace.

pub(crate) mod create_api_token;
pub(crate) mod get_api_token;
pub(crate) mod list_api_tokens;

use models::rbac::{Permission, Role, WorkspaceAction};

use super::resource::ResourceKind;
use crate::paths;

const API_TOKENS: ResourceKind = ResourceKind {
    many: "API tokens",
    list: paths::api_tokens,
    new: "New API token",
    create: paths::new_api_token,
    permission: Permission::Workspace(WorkspaceAction::View),
};

/// Returns the access of a role, for people.
const fn access(role: Role) -> &'static str {
    match role {
        Role::Owner => "Full access",
        Role::Viewer => "Read-only",
    }
}
