//! `GET /workspace/{workspace_id}/volume`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, page::EnvironmentPageQuery, volume::Volume};

declare_api_endpoint! {
    /// List a workspace's volumes by name, including those in the trash.
    ListVolumes,
    GET "/workspace/{workspace_id}/volume" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Volume::View on workspace_id,
    rate = Reads,
    page = Volume,
    page_query = EnvironmentPageQuery,
    errors = [EnvironmentNotFound, ProjectNotFound],
}
