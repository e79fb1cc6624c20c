//! Every kind of job that the server runs.

use models::{DeploymentId, RunId, RunnerId, WorkspaceId};
use serde::{Deserialize, Serialize};

use super::JobKind;

/// A job of the server.
///
/// A released variant keeps its fields, because rows of an older server may still be waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Job {
    /// Merge the open segments of a deployment's log.
    CompactLog {
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Deploy the digest that the tag of a deployment's image now points to.
    AutoDeploy {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    /// Delete a deployment after its runner reported that nothing of it is left.
    PurgeDeployment {
        /// The deployment.
        deployment_id: DeploymentId,
        /// The runner that reported it.
        runner_id: RunnerId,
        /// The generation that requested the deletion.
        generation: i64,
    },
    /// Tell a runner that a desired state changed.
    NotifyRunner {
        /// The runner.
        runner_id: RunnerId,
        /// The deployment.
        deployment_id: DeploymentId,
        /// The run; `None` for the deployment itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run_id: Option<RunId>,
    },
    /// Revoke approved runners that never connected, and drop old registrations.
    PruneRegistrations,
    /// Remove expired sessions.
    PruneSessions,
    /// Have runners remove the volumes whose time in the trash is over.
    PurgeVolumes,
    /// Apply the retention of log lines.
    TrimLogs,
    /// Roll up instance stats, and apply their retention.
    RollUpStats,
}

impl JobKind for Job {
    fn name(&self) -> &'static str {
        match self {
            Self::CompactLog { .. } => "compact_log",
            Self::AutoDeploy { .. } => "auto_deploy",
            Self::PurgeDeployment { .. } => "purge_deployment",
            Self::NotifyRunner { .. } => "notify_runner",
            Self::PruneRegistrations => "prune_registrations",
            Self::PruneSessions => "prune_sessions",
            Self::PurgeVolumes => "purge_volumes",
            Self::TrimLogs => "trim_logs",
            Self::RollUpStats => "roll_up_stats",
        }
    }

    fn unique_key(&self) -> Option<String> {
        match self {
            Self::CompactLog { deployment_id }
            | Self::AutoDeploy { deployment_id, .. }
            | Self::PurgeDeployment { deployment_id, .. }
            | Self::NotifyRunner {
                deployment_id,
                run_id: None,
                ..
            } => Some(format!("{}/{deployment_id}", self.name())),
            Self::NotifyRunner {
                run_id: Some(run_id),
                ..
            } => Some(format!("{}/{run_id}", self.name())),
            Self::PruneRegistrations
            | Self::PruneSessions
            | Self::PurgeVolumes
            | Self::TrimLogs
            | Self::RollUpStats => Some(self.name().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{Job, JobKind};

    /// Checks the kind and the unique key of a stored job.
    fn check(kind: &str, key: &str, fields: Value) {
        let mut payload = fields;
        payload["type"] = kind.into();
        let job: Job = serde_json::from_value(payload).unwrap();
        assert_eq!(job.name(), kind);
        assert_eq!(job.unique_key(), Some(format!("{kind}{key}")));
    }

    /// The migration to the names of the glossary leaves these rows.
    #[test]
    fn jobs_of_before_the_glossary_read_back_after_its_migration() {
        let id = Uuid::nil();
        let of_deployment = json!({"workspace_id": id, "deployment_id": id});
        let removed = json!({"deployment_id": id, "runner_id": id, "generation": 1});
        let key = format!("/{id}");
        check("auto_deploy", &key, of_deployment);
        check("purge_deployment", &key, removed);
        for kind in [
            "prune_registrations",
            "prune_sessions",
            "roll_up_stats",
            "trim_logs",
        ] {
            check(kind, "", json!({}));
        }
    }
}
