//! `DELETE /workspace/{workspace_id}/environment/{environment_id}`

use macros::declare_api_endpoint;

use crate::{EnvironmentId, WorkspaceId};

declare_api_endpoint! {
    /// Delete an empty environment.
    DeleteEnvironment,
    DELETE "/workspace/{workspace_id}/environment/{environment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The environment.
        environment_id: EnvironmentId,
    },
    permission = Environment::Delete on workspace_id,
    rate = Writes,
    audit = "environment.delete",
    response = 204,
    errors = [EnvironmentNotEmpty, LastEnvironment],
}
