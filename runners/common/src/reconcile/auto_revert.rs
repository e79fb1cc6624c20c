//! Auto-revert: return to the previous live release after a failed rollout.
//!
//! That release runs on, or runs again.
//!
//! The server returns to the previous release as soon as it hears of the failure. But it may be
//! away, and a release with volumes was stopped for the rollout.

use garde::Validate;
use models::{deployment::DesiredState, runner::WorkloadRelease};

use super::{Action, worker::Worker};
use crate::platform::{InstancePlatform, RunnerError};

impl<R: InstancePlatform> Worker<R> {
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
        match self.previous_release() {
            Some(previous) => self.converge(&previous).await,
            None => Ok(action),
        }
    }

    /// Returns the release that was live before the current rollout.
    pub(super) fn previous_release(&self) -> Option<WorkloadRelease> {
        let previous = self.context.desired_cache.previous(self.id)?;
        // It may come from the copy of a version with other validation rules.
        let holds = previous.desired == DesiredState::Running && previous.validate().is_ok();
        let release = previous.release.as_ref().filter(|release| release.live);
        release.filter(|_| holds).cloned()
    }
}
