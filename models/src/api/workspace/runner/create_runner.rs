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
    /// The token in the answer is shown this once.
    CreateRunner,
    POST "/workspace/{workspace_id}/runner" {
        /// The workspace that it will work for.
        workspace_id: WorkspaceId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "runner.create",
    request = {
        /// Its name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new runner.
        runner: Runner,
        /// What the runner shows to connect; only its hash is kept.
        token: ShownOnce,
    },
    errors = [RunnerNameTaken],
}
