//! `POST /workspace/{workspace_id}/runner/{runner_id}/rotate-token`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId, runner::Runner, value::ShownOnce};

declare_api_endpoint! {
    /// Replace a runner's token.
    ///
    /// The response is the only one that shows the new token. The old token becomes invalid,
    /// and the runner's link is closed immediately. The runner's instances continue, and the
    /// runner reconnects once it is started with the new token.
    RotateRunnerToken,
    POST "/workspace/{workspace_id}/runner/{runner_id}/rotate-token" {
        /// The workspace that it works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    permission = Runner::Edit on workspace_id,
    rate = Writes,
    audit = "runner.rotate_token",
    response = 200 {
        /// The runner.
        runner: Runner,
        /// The token with which the runner connects from now on; only its hash is stored.
        token: ShownOnce,
    },
}
