//! `POST /workspace/{workspace_id}/environment`

use macros::declare_api_endpoint;

use crate::{
    ProjectId, WorkspaceId, environment::Environment, name_or_id::NameOrId, value::ResourceName,
};

declare_api_endpoint! {
    /// Create an environment.
    CreateEnvironment,
    POST "/workspace/{workspace_id}/environment" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Environment::Create on workspace_id,
    rate = Writes,
    audit = "environment.create",
    request = {
        /// The project, by id or name; the workspace's default project when left out.
        project: Option<NameOrId<ProjectId>>,
        /// Its name, unique in the project.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new environment.
        environment: Environment,
    },
    errors = [EnvironmentNameTaken, ProjectNotFound, TooManyEnvironments],
}
