//! `PATCH /workspace/{workspace_id}/environment/{environment_id}`

use macros::declare_api_endpoint;

use crate::{EnvironmentId, WorkspaceId, environment::Environment, value::ResourceName};

declare_api_endpoint! {
    /// Rename an environment.
    ///
    /// Running instances are not affected.
    UpdateEnvironment,
    PATCH "/workspace/{workspace_id}/environment/{environment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The environment.
        environment_id: EnvironmentId,
    },
    permission = Environment::Edit on workspace_id,
    rate = Writes,
    audit = "environment.update",
    request = {
        /// The new name, unique in the project.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 200 {
        /// The environment after the change.
        environment: Environment,
    },
    errors = [EnvironmentNameTaken],
}
