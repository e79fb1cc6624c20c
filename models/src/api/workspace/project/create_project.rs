//! `POST /workspace/{workspace_id}/project`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, project::Project, value::ResourceName};

declare_api_endpoint! {
    /// Create a project.
    ///
    /// It begins with one environment.
    CreateProject,
    POST "/workspace/{workspace_id}/project" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Project::Create on workspace_id,
    rate = Writes,
    audit = "project.create",
    request = {
        /// Its name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
        /// The name of its first environment; `production` when left out.
        #[garde(dive)]
        environment: Option<ResourceName>,
    },
    response = 201 {
        /// The new project.
        project: Project,
    },
    errors = [ProjectNameTaken, TooManyProjects],
}
