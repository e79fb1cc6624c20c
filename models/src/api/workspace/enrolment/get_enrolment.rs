//! `GET /workspace/{workspace_id}/enrolment/{enrolment_id}`

use macros::declare_api_endpoint;

use crate::{EnrolmentId, WorkspaceId, runner::Enrolment};

declare_api_endpoint! {
    /// Get a runner that asks to be registered.
    GetEnrolment,
    GET "/workspace/{workspace_id}/enrolment/{enrolment_id}" {
        /// The workspace in which its code was entered.
        workspace_id: WorkspaceId,
        /// The runner's request.
        enrolment_id: EnrolmentId,
    },
    permission = Runner::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The runner that asks.
        enrolment: Enrolment,
    },
}
