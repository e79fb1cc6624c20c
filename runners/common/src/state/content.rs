//! Content of the saved copy.

use std::borrow::Borrow;

use models::{DeploymentId, RunnerId, deployment::DesiredState, runner::Workload};
use serde::{Deserialize, Serialize};

/// Everything that the runner knows of the desired state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content<W = Workload> {
    /// The runner that the state was sent to.
    pub(crate) runner_id: RunnerId,
    /// The highest epoch seen.
    pub(crate) epoch: i64,
    /// Every deployment.
    pub(crate) deployments: Vec<Kept<W>>,
}

/// One deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept<W = Workload> {
    /// The newest workload from the server.
    pub(crate) said: W,
    /// The workload to run until the server is back, if the newest one is a rollout.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<W>,
}

impl<W: Borrow<Workload>> Kept<W> {
    /// Returns the id of the deployment.
    pub(crate) fn deployment_id(&self) -> DeploymentId {
        self.said.borrow().deployment_id
    }

    /// Returns the workload that can be converged without the server.
    ///
    /// A rollout cannot: nobody would receive its result, and the server ends it when the
    /// runner is away for too long. Until the server is back, the previous workload holds.
    pub(crate) fn settled(&self) -> Option<&W> {
        if is_attempt(self.said.borrow()) {
            self.before.as_ref()
        } else {
            Some(&self.said)
        }
    }
}

/// True if a workload asks for a release that was never live.
pub(super) fn is_attempt(workload: &Workload) -> bool {
    let is_new = workload.release.as_ref().is_some_and(|one| !one.live);
    workload.desired == DesiredState::Running && is_new
}
