//! `PATCH /workspace/{workspace_id}/project/{project_id}`

use macros::declare_api_endpoint;

use crate::{ProjectId, WorkspaceId, project::Project, value::ResourceName};

declare_api_endpoint! {
    /// Rename a project.
    UpdateProject,
    PATCH "/workspace/{workspace_id}/project/{project_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The project.
        project_id: ProjectId,
    },
    permission = Project::Edit on workspace_id,
    rate = Writes,
    audit = "project.update",
    request = {
        /// The new name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 200 {
        /// The project after the change.
        project: Project,
    },
    errors = [ProjectNameTaken],
}
