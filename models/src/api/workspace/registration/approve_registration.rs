//! `POST /workspace/{workspace_id}/registration/{registration_id}/approve`

use macros::declare_api_endpoint;

use crate::{RegistrationId, WorkspaceId, runner::Runner, value::ResourceName};

declare_api_endpoint! {
    /// Approve the registration of a runner.
    ///
    /// The runner then connects by itself. A runner that has not connected within ten minutes
    /// is removed again.
    ApproveRegistration,
    POST "/workspace/{workspace_id}/registration/{registration_id}/approve" {
        /// The workspace that the runner will work for.
        workspace_id: WorkspaceId,
        /// The registration request.
        registration_id: RegistrationId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "registration.approve",
    request = {
        /// The runner's name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new runner.
        runner: Runner,
    },
    errors = [RegistrationEnded, RunnerNameTaken],
}
