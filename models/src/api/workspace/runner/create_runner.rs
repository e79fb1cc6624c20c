//! `POST /workspace/{workspace_id}/runner`

use macros::declare_api_endpoint;

use crate::{
    WorkspaceId,
    runner::Runner,
    value::{ResourceName, ShownOnce},
};

declare_api_endpoint! {
    /// Register a runner.
    ///
    /// The response is the only one that shows the token.
    CreateRunner,
    POST "/workspace/{workspace_id}/runner" {
        /// The workspace that the runner will work for.
        workspace_id: WorkspaceId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "runner.create",
    request = {
        /// The runner's name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new runner.
        runner: Runner,
        /// The token with which the runner connects; only its hash is stored.
        token: ShownOnce,
    },
    errors = [RunnerNameTaken],
}
