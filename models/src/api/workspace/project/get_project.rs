//! `GET /workspace/{workspace_id}/project/{project_id}`

use macros::declare_api_endpoint;

use crate::{ProjectId, WorkspaceId, project::Project};

declare_api_endpoint! {
    /// Get a project and its environments.
    GetProject,
    GET "/workspace/{workspace_id}/project/{project_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The project.
        project_id: ProjectId,
    },
    permission = Project::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The project.
        project: Project,
    },
}
