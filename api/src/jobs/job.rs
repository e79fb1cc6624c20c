//! Every kind of job there is.

use models::{DeploymentId, RunnerId};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// A job of the server. A variant that was released keeps its fields: rows of an older server may
/// still be waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Job {
    /// Tell a runner that what it should make true of a deployment changed.
    NotifyRunner {
        /// The runner.
        runner_id: RunnerId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Remove sessions that are over.
    PruneSessions,
    /// Have runners remove the volumes whose time in the trash is over.
    PurgeVolumes,
    /// Sum up what instances used, and forget what is old.
    UpkeepStats,
}

impl JobKind for Job {
    fn name(&self) -> &'static str {
        match self {
            Self::NotifyRunner { .. } => "notify_runner",
            Self::PruneSessions => "prune_sessions",
            Self::PurgeVolumes => "purge_volumes",
            Self::UpkeepStats => "upkeep_stats",
        }
    }

    fn unique_key(&self) -> Option<String> {
        match self {
            Self::NotifyRunner { deployment_id, .. } => {
                Some(format!("{}/{deployment_id}", self.name()))
            }
            Self::PruneSessions | Self::PurgeVolumes | Self::UpkeepStats => {
                Some(self.name().to_owned())
            }
        }
    }
}
