//! Content of the saved copy of the desired state.

use std::borrow::Borrow;

use models::{DeploymentId, RunnerId, deployment::DesiredState, runner::Workload};
use serde::{Deserialize, Serialize};

/// Everything that the runner knows of the desired state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StateContent<W = Workload> {
    /// The runner that the state was sent to.
    pub(crate) runner_id: RunnerId,
    /// The highest epoch seen.
    pub(crate) epoch: i64,
    /// Every deployment.
    pub(crate) deployments: Vec<StoredWorkload<W>>,
}

/// One deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StoredWorkload<W = Workload> {
    /// The newest workload from the server.
    #[serde(alias = "said")]
    pub(crate) desired: W,
    /// The workload to run until the server is back, if the newest one is a rollout.
    #[serde(
        default = "Option::default",
        alias = "before",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) previous: Option<W>,
}

impl<W: Borrow<Workload>> StoredWorkload<W> {
    /// Returns the id of the deployment.
    pub(crate) fn deployment_id(&self) -> DeploymentId {
        self.desired.borrow().deployment_id
    }

    /// Returns the workload that can be converged without the server.
    ///
    /// A rollout cannot: nobody would receive its result, and the server ends it when the
    /// runner is away for too long. Until the server is back, the previous workload holds.
    pub(crate) fn offline_workload(&self) -> Option<&W> {
        if is_rollout(self.desired.borrow()) {
            self.previous.as_ref()
        } else {
            Some(&self.desired)
        }
    }
}

/// True if a workload asks for a release that was never live.
pub(super) fn is_rollout(workload: &Workload) -> bool {
    let is_new = workload.release.as_ref().is_some_and(|one| !one.live);
    workload.desired == DesiredState::Running && is_new
}

#[cfg(test)]
mod tests {
    use models::deployment::DesiredState;
    use serde_json::{from_value, json};

    use super::StateContent;

    #[test]
    fn a_copy_of_an_earlier_version_is_read() {
        let id = "01900000-0000-7000-8000-000000000001";
        let workload = |generation: i64, desired: &str| {
            json!({
                "deployment_id": id, "generation": generation, "desired": desired,
                "watched_tag": {"image": "app:1", "look": 3},
            })
        };
        let content: StateContent = from_value(json!({
            "runner_id": id, "epoch": 4,
            "deployments": [{"said": workload(2, "stopped"), "before": workload(1, "running")}],
        }))
        .unwrap();
        let stored = &content.deployments[0];
        let previous = stored.previous.as_ref().unwrap();
        assert_eq!(stored.desired.desired, DesiredState::Stopped);
        assert_eq!((stored.desired.generation, previous.generation), (2, 1));
        assert_eq!(stored.desired.watched_tag.as_ref().unwrap().poll_serial, 3);
    }
}
