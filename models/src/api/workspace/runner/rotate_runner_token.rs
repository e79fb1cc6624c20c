//! `POST /workspace/{workspace_id}/runner/{runner_id}/rotate-token`

use macros::declare_api_endpoint;

use crate::{RunnerId, WorkspaceId, runner::Runner, value::ShownOnce};

declare_api_endpoint! {
    /// Give a runner another token.
    ///
    /// The token in the answer is shown this once. The one before stops working and the runner's
    /// link is cut at once; what the runner runs goes on, and so does the runner as soon as it is
    /// started with the new token.
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
        /// What the runner shows to connect from now on; only its hash is kept.
        token: ShownOnce,
    },
}
