//! What can have changed.

use models::{DeploymentId, EnrolmentId, RunnerId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Something changed; who cares reads it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// A deployment, one of its releases or what was observed of it; also that it is gone.
    DeploymentChanged {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// What a runner should make true.
    DesiredChanged {
        /// The runner.
        runner_id: RunnerId,
        /// The deployment; none when any may have changed.
        deployment_id: Option<DeploymentId>,
    },
    /// What became of a runner that asks to be registered.
    EnrolmentChanged {
        /// The workspace in which its code was entered; none while it was not.
        workspace_id: Option<WorkspaceId>,
        /// The runner's request.
        enrolment_id: EnrolmentId,
    },
    /// A deployment's log grew.
    LogsAppended {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The position of its newest line.
        position: i64,
    },
    /// A runner came, went or was changed.
    RunnerChanged {
        /// The workspace that it works for.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    /// Instances of a deployment were measured.
    StatsAppended {
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// A person's sessions or roles; what was allowed may not be any more.
    SessionsChanged {
        /// The person.
        user_id: UserId,
    },
    /// A runner is to remove volumes.
    VolumesToRemove {
        /// The runner.
        runner_id: RunnerId,
    },
    /// Events may have been lost: anything may have changed.
    #[serde(other)]
    Resync,
}
