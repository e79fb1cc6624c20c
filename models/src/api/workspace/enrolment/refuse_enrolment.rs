//! `POST /workspace/{workspace_id}/enrolment/{enrolment_id}/refuse`

use macros::declare_api_endpoint;

use crate::{EnrolmentId, WorkspaceId};

declare_api_endpoint! {
    /// Refuse the registration of a runner.
    ///
    /// The runner is told, and exits.
    RefuseEnrolment,
    POST "/workspace/{workspace_id}/enrolment/{enrolment_id}/refuse" {
        /// The workspace in which the runner's code was entered.
        workspace_id: WorkspaceId,
        /// The registration request.
        enrolment_id: EnrolmentId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "enrolment.refuse",
    response = 204,
    errors = [EnrolmentEnded],
}
