//! `GET /workspace/{workspace_id}/registration/{registration_id}`

use macros::declare_api_endpoint;

use crate::{RegistrationId, WorkspaceId, runner::Registration};

declare_api_endpoint! {
    /// Get the registration request of a runner.
    GetRegistration,
    GET "/workspace/{workspace_id}/registration/{registration_id}" {
        /// The workspace in which the runner's code was entered.
        workspace_id: WorkspaceId,
        /// The registration request.
        registration_id: RegistrationId,
    },
    permission = Runner::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The registration request.
        registration: Registration,
    },
}
