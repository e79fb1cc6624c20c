//! `DELETE /workspace/{workspace_id}/runner/{runner_id}`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId};

declare_api_endpoint! {
    /// Delete a runner.
    ///
    /// Its token becomes invalid and its link is closed immediately. A runner that has
    /// deployments or volumes cannot be deleted.
    DeleteRunner,
    DELETE "/workspace/{workspace_id}/runner/{runner_id}" {
        /// The workspace that it works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    permission = Runner::Delete on workspace_id,
    rate = Writes,
    audit = "runner.delete",
    response = 204,
    errors = [RunnerInUse],
}
