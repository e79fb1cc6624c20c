//! `POST /workspace/{workspace_id}/enrolment/{enrolment_id}/approve`

use macros::declare_api_endpoint;

use crate::{EnrolmentId, WorkspaceId, runner::Runner, value::ResourceName};

declare_api_endpoint! {
    /// Register a runner that asks for it.
    ///
    /// The runner connects by itself. One that has not done so within ten minutes is taken away
    /// again.
    ApproveEnrolment,
    POST "/workspace/{workspace_id}/enrolment/{enrolment_id}/approve" {
        /// The workspace that it will work for.
        workspace_id: WorkspaceId,
        /// The runner's request.
        enrolment_id: EnrolmentId,
    },
    permission = Runner::Create on workspace_id,
    rate = Writes,
    audit = "enrolment.approve",
    request = {
        /// The runner's name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new runner.
        runner: Runner,
    },
    errors = [EnrolmentEnded, RunnerNameTaken],
}
