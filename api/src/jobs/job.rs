//! Every kind of job there is.

use models::{DeploymentId, RunnerId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// A job of the server. A variant that was released keeps its fields: rows of an older server may
/// still be waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Job {
    /// Put the open segments of a deployment's log together.
    CompactLog {
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Deploy what the tag of a deployment's image means now.
    DeployPushed {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Forget a deployment of which its runner says that nothing is left.
    ForgetDeployment {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The runner that says so.
        runner_id: RunnerId,
        /// The generation that asked for the deletion.
        generation: i64,
    },
    /// Tell a runner that what it should make true of a deployment changed.
    NotifyRunner {
        /// The runner.
        runner_id: RunnerId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Take back approved runners that never came, and forget those that asked long ago.
    PruneEnrolments,
    /// Remove sessions that are over.
    PruneSessions,
    /// Have runners remove the volumes whose time in the trash is over.
    PurgeVolumes,
    /// Forget log lines that are old.
    UpkeepLogs,
    /// Sum up what instances used, and forget what is old.
    UpkeepStats,
}

impl JobKind for Job {
    fn name(&self) -> &'static str {
        match self {
            Self::CompactLog { .. } => "compact_log",
            Self::DeployPushed { .. } => "deploy_pushed",
            Self::ForgetDeployment { .. } => "forget_deployment",
            Self::NotifyRunner { .. } => "notify_runner",
            Self::PruneEnrolments => "prune_enrolments",
            Self::PruneSessions => "prune_sessions",
            Self::PurgeVolumes => "purge_volumes",
            Self::UpkeepLogs => "upkeep_logs",
            Self::UpkeepStats => "upkeep_stats",
        }
    }

    fn unique_key(&self) -> Option<String> {
        match self {
            Self::CompactLog { deployment_id }
            | Self::DeployPushed { deployment_id, .. }
            | Self::ForgetDeployment { deployment_id, .. }
            | Self::NotifyRunner { deployment_id, .. } => {
                Some(format!("{}/{deployment_id}", self.name()))
            }
            Self::PruneEnrolments
            | Self::PruneSessions
            | Self::PurgeVolumes
            | Self::UpkeepLogs
            | Self::UpkeepStats => Some(self.name().to_owned()),
        }
    }
}
