//! What the copy says.

use std::borrow::Borrow;

use models::{DeploymentId, RunnerId, deployment::DesiredState, runner::Workload};
use serde::{Deserialize, Serialize};

/// All that the runner knows of what should be true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content<W = Workload> {
    /// Whom it was said to.
    pub(crate) runner_id: RunnerId,
    /// The highest epoch seen.
    pub(crate) epoch: i64,
    /// Every deployment.
    pub(crate) deployments: Vec<Kept<W>>,
}

/// One deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept<W = Workload> {
    /// What the server said last.
    pub(crate) said: W,
    /// What holds until the server is back, when what it said last is an attempt.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<W>,
}

impl<W: Borrow<Workload>> Kept<W> {
    /// Which deployment it is.
    pub(crate) fn deployment_id(&self) -> DeploymentId {
        self.said.borrow().deployment_id
    }

    /// What can be made true without the server: an attempt at a release cannot, for nobody would
    /// hear how it went, and the server ends it when the runner is away for too long. Until the
    /// server is back, what was true before holds.
    pub(crate) fn settled(&self) -> Option<&W> {
        if is_attempt(self.said.borrow()) {
            self.before.as_ref()
        } else {
            Some(&self.said)
        }
    }
}

/// Whether a release is to be tried that was never live.
pub(super) fn is_attempt(workload: &Workload) -> bool {
    let is_new = workload.release.as_ref().is_some_and(|one| !one.live);
    workload.desired == DesiredState::Running && is_new
}
