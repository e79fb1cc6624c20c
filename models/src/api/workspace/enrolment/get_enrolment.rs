//! `GET /workspace/{workspace_id}/enrolment/{enrolment_id}`

use macros::declare_api_endpoint;

use crate::{EnrolmentId, WorkspaceId, runner::Enrolment};

declare_api_endpoint! {
    /// Get the registration request of a runner.
    GetEnrolment,
    GET "/workspace/{workspace_id}/enrolment/{enrolment_id}" {
        /// The workspace in which the runner's code was entered.
        workspace_id: WorkspaceId,
        /// The registration request.
        enrolment_id: EnrolmentId,
    },
    permission = Runner::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The registration request.
        enrolment: Enrolment,
    },
}
