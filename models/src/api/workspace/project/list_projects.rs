//! `GET /workspace/{workspace_id}/project`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, project::Project};

declare_api_endpoint! {
    /// List a workspace's projects by name, with their environments.
    ListProjects,
    GET "/workspace/{workspace_id}/project" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Project::View on workspace_id,
    rate = Reads,
    page = Project,
}
