//! `GET /workspace/{workspace_id}/runner/{runner_id}/volume`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// List the volumes of a runner, by name.
    ListRunnerVolumes,
    GET "/workspace/{workspace_id}/runner/{runner_id}/volume" {
        /// The workspace that the runner works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    permission = Volume::View on workspace_id,
    rate = Reads,
    page = Volume,
}
