//! `POST /workspace/{workspace_id}/enrolment/{enrolment_id}/refuse`

use macros::declare_api_endpoint;

use crate::{EnrolmentId, WorkspaceId};

declare_api_endpoint! {
    /// Refuse a runner that asks to be registered.
    ///
    /// It is told so and ends.
    RefuseEnrolment,
    POST "/workspace/{workspace_id}/enrolment/{enrolment_id}/refuse" {
        /// The workspace in which its code was entered.
        workspace_id: WorkspaceId,
        /// The runner's request.
        enrolment_id: EnrolmentId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "enrolment.refuse",
    response = 204,
    errors = [EnrolmentEnded],
}
