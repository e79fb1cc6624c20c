//! Auto-revert: return to the previous live release after a failed rollout.
//!
//! That release runs on, or runs again.
//!
//! The server returns to the previous release as soon as it hears of the failure. But it may be
//! away, and a release with volumes was stopped for the rollout.

use models::runner::WorkloadRelease;

use super::worker::Worker;
use crate::platform::{Action, InstancePlatform, RunnerError};

impl<P: InstancePlatform> Worker<P> {
    /// Removes leftovers of the failed rollout and converges the previous live release.
    ///
    /// This holds until the server sends a newer desired state.
    pub(super) async fn auto_revert(
        &mut self,
        failed: &WorkloadRelease,
    ) -> Result<Action, RunnerError> {
        let action = self.remove_failed_rollout(failed.release_id).await?;
        if action != Action::AwaitChange {
            return Ok(action);
        }
        match self.deployment.previous_release() {
            Some(previous) => self.converge(&previous).await,
            None => Ok(action),
        }
    }
}
