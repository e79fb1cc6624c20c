//! API tokens: credentials of programs that act for a person in a workspace.

use serde::{Deserialize, Serialize};

use crate::{ApiTokenId, WorkspaceId, rbac::Role, time::Timestamp, value::ResourceName};

/// The most API tokens of one person in one workspace.
pub const MAX_API_TOKENS: i64 = 50;
/// The lifetime of an API token whose creator sets none, in days.
pub const DEFAULT_LIFETIME_DAYS: u16 = 90;
/// The longest lifetime of an API token, in days.
pub const MAX_LIFETIME_DAYS: u16 = 3_650;

/// An API token, without its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApiToken {
    /// The token's id.
    pub api_token_id: ApiTokenId,
    /// The workspace that it is valid in.
    pub workspace_id: WorkspaceId,
    /// Its name, unique among its owner's tokens in the workspace.
    pub name: ResourceName,
    /// The role that limits it. It never allows more than its owner's own role.
    pub role: Role,
    /// The time at which it was created.
    pub created_at: Timestamp,
    /// The time from which it is refused.
    pub expires_at: Timestamp,
    /// The time of its last use, precise to a minute; absent if it was never used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}
