//! `GET /workspace/{workspace_id}/runner/{runner_id}`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId, runner::Runner};

declare_api_endpoint! {
    /// Get a runner.
    GetRunner,
    GET "/workspace/{workspace_id}/runner/{runner_id}" {
        /// The workspace that it works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    permission = Runner::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The runner.
        runner: Runner,
    },
}
