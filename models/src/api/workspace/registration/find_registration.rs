//! `POST /workspace/{workspace_id}/registration`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, runner::Registration, value::UserCode};

declare_api_endpoint! {
    /// Find the runner that shows a user code.
    ///
    /// From then on, only this workspace may approve or deny the runner. A person may try
    /// only a few codes.
    FindRegistration,
    POST "/workspace/{workspace_id}/registration" {
        /// The workspace that the runner will work for.
        workspace_id: WorkspaceId,
    },
    permission = Runner::Create on workspace_id,
    rate = Credentials,
    audit = "registration.find",
    request = {
        /// The code that the runner shows.
        #[garde(dive)]
        code: UserCode,
    },
    response = 200 {
        /// The registration request of that runner.
        registration: Registration,
    },
    errors = [RegistrationCodeUnknown],
}
