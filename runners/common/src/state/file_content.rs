//! Content of the saved copy of the desired state.

use std::borrow::Borrow;

use models::{
    RunnerId,
    deployment::DesiredState,
    runner::{Workload, WorkloadId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Everything that the runner knows of the desired state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StateContent<W = Workload> {
    /// The runner that the state was sent to.
    pub(crate) runner_id: RunnerId,
    /// The highest epoch seen.
    pub(crate) epoch: i64,
    /// Every workload.
    #[serde(alias = "deployments")]
    pub(crate) workloads: Vec<StoredWorkload<W>>,
}

/// One workload.
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
    /// The newest attempt that was begun, if it is a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempt: Option<BegunAttempt>,
}

/// An attempt of a run that was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BegunAttempt {
    /// The number of the attempt, from 1.
    pub(crate) number: u16,
    /// The time of its beginning by this host's clock. The platform's may be another.
    pub(crate) at: Timestamp,
    /// True once it was told to stop because its time was over.
    #[serde(default)]
    pub(crate) timed_out: bool,
}

impl<W: Borrow<Workload>> StoredWorkload<W> {
    /// Returns the identity of the workload.
    pub(crate) fn id(&self) -> WorkloadId {
        self.desired.borrow().id()
    }

    /// Returns the workload that can be converged without the server.
    ///
    /// A rollout cannot: nobody would receive its result, and the server ends it when the
    /// runner is away for too long. Until the server is back, the previous workload holds. Nor
    /// can a run that was never begun: the server may have ended it since.
    pub(crate) fn offline_workload(&self) -> Option<&W> {
        let desired = self.desired.borrow();
        let is_new_run = desired.run.is_some() && self.attempt.is_none();
        if desired.is_rollout() {
            self.previous.as_ref()
        } else if is_new_run && desired.desired != DesiredState::Deleted {
            None
        } else {
            Some(&self.desired)
        }
    }
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
        let stored = &content.workloads[0];
        let previous = stored.previous.as_ref().unwrap();
        assert_eq!(stored.desired.desired, DesiredState::Stopped);
        assert_eq!((stored.desired.generation, previous.generation), (2, 1));
        assert_eq!(stored.desired.watched_tag.as_ref().unwrap().poll_serial, 3);
    }
}
