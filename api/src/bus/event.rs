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

/// What somebody who subscribes cares for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A deployment: itself, its log, its measurements.
    Deployment(DeploymentId),
    /// A runner's request to be registered.
    Enrolment(EnrolmentId),
    /// A runner: itself, and what it should do.
    Runner(RunnerId),
    /// What a person may do.
    User(UserId),
    /// What is shown of a workspace: its deployments and runners, and runners that ask to join.
    Workspace(WorkspaceId),
}

impl Event {
    /// What the event is about; none when that is everything.
    pub(super) fn topics(&self) -> Option<[Topic; 2]> {
        let both = |one, other| Some([one, other]);
        let one = |topic| Some([topic, topic]);
        match *self {
            Self::DeploymentChanged {
                workspace_id,
                deployment_id,
            } => both(
                Topic::Workspace(workspace_id),
                Topic::Deployment(deployment_id),
            ),
            Self::EnrolmentChanged {
                workspace_id: Some(workspace_id),
                enrolment_id,
            } => both(
                Topic::Workspace(workspace_id),
                Topic::Enrolment(enrolment_id),
            ),
            Self::EnrolmentChanged {
                workspace_id: None,
                enrolment_id,
            } => one(Topic::Enrolment(enrolment_id)),
            Self::RunnerChanged {
                workspace_id,
                runner_id,
            } => both(Topic::Workspace(workspace_id), Topic::Runner(runner_id)),
            Self::LogsAppended { deployment_id, .. } | Self::StatsAppended { deployment_id } => {
                one(Topic::Deployment(deployment_id))
            }
            Self::DesiredChanged { runner_id, .. } | Self::VolumesToRemove { runner_id } => {
                one(Topic::Runner(runner_id))
            }
            Self::SessionsChanged { user_id } => one(Topic::User(user_id)),
            Self::Resync => None,
        }
    }
}
