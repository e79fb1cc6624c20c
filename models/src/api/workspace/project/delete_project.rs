//! `DELETE /workspace/{workspace_id}/project/{project_id}`

use macros::declare_api_endpoint;

use crate::{ProjectId, WorkspaceId};

declare_api_endpoint! {
    /// Delete a project whose environments are empty, and those environments.
    DeleteProject,
    DELETE "/workspace/{workspace_id}/project/{project_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The project.
        project_id: ProjectId,
    },
    permission = Project::Delete on workspace_id,
    rate = Writes,
    audit = "project.delete",
    response = 204,
    errors = [LastProject, ProjectNotEmpty],
}
