//! `GET /workspace/{workspace_id}/environment/{environment_id}`

use macros::declare_api_endpoint;

use crate::{EnvironmentId, WorkspaceId, environment::Environment};

declare_api_endpoint! {
    /// Get an environment and the number of its resources.
    GetEnvironment,
    GET "/workspace/{workspace_id}/environment/{environment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The environment, by id or by a name such as `staging` or `shop:staging`.
        environment_id: EnvironmentId,
    },
    permission = Environment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The environment.
        environment: Environment,
    },
}
