//! Events and the topics that subscribers choose from.

use models::{DeploymentId, RegistrationId, RunId, RunnerId, UserId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A hint that something changed; subscribers read the new state from the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Event {
    /// A deployment, one of its releases or its observed state changed, or it is gone.
    DeploymentChanged {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// The desired state of a runner's workloads changed.
    DesiredChanged {
        /// The runner.
        runner_id: RunnerId,
        /// The deployment; `None` if any may have changed.
        deployment_id: Option<DeploymentId>,
        /// The run of it that changed; `None` for the deployment itself.
        #[serde(default)]
        run_id: Option<RunId>,
    },
    /// The state of a runner's registration changed.
    RegistrationChanged {
        /// The workspace in which its user code was entered; `None` before that.
        workspace_id: Option<WorkspaceId>,
        /// The registration.
        registration_id: RegistrationId,
    },
    /// A deployment's log grew.
    LogsAppended {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The position of its newest line.
        position: i64,
    },
    /// A runner connected, disconnected or was changed.
    RunnerChanged {
        /// The workspace that it belongs to.
        workspace_id: WorkspaceId,
        /// The runner.
        runner_id: RunnerId,
    },
    /// New measurements of a deployment's instances.
    StatsAppended {
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// A person's sessions or roles changed; permissions may have been lost.
    SessionsChanged {
        /// The person.
        user_id: UserId,
    },
    /// A runner has volumes to remove.
    VolumesToRemove {
        /// The runner.
        runner_id: RunnerId,
    },
    /// Events may have been lost: anything may have changed.
    #[serde(other)]
    Resync,
}

/// The subject that a subscriber follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A deployment: itself, its log, its measurements.
    Deployment(DeploymentId),
    /// A runner's registration.
    Registration(RegistrationId),
    /// A runner: itself, and its desired state.
    Runner(RunnerId),
    /// A person's permissions.
    User(UserId),
    /// A workspace: its deployments, runners and pending registrations.
    Workspace(WorkspaceId),
}

impl Event {
    /// The topics that the event belongs to; `None` if every subscriber must get it.
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
            Self::RegistrationChanged {
                workspace_id: Some(workspace_id),
                registration_id,
            } => both(
                Topic::Workspace(workspace_id),
                Topic::Registration(registration_id),
            ),
            Self::RegistrationChanged {
                workspace_id: None,
                registration_id,
            } => one(Topic::Registration(registration_id)),
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
