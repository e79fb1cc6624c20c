//! `POST /workspace/{workspace_id}/registration/{registration_id}/deny`

use macros::declare_api_endpoint;

use crate::{RegistrationId, WorkspaceId};

declare_api_endpoint! {
    /// Deny the registration of a runner.
    ///
    /// The runner is told, and exits.
    DenyRegistration,
    POST "/workspace/{workspace_id}/registration/{registration_id}/deny" {
        /// The workspace in which the runner's code was entered.
        workspace_id: WorkspaceId,
        /// The registration request.
        registration_id: RegistrationId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "registration.deny",
    response = 204,
    errors = [RegistrationEnded],
}
