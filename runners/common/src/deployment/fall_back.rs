//! Auto-revert: after a failed rollout, the previous live release runs on, or again.
//!
//! The server returns to the previous release as soon as it hears of the failure. But it may be
//! away, and a release with volumes was stopped for the rollout.

use garde::Validate;
use models::{deployment::DesiredState, runner::WorkloadRelease};

use super::{Round, worker::Worker};
use crate::runner::{Runner, RunnerError};

impl<R: Runner> Worker<R> {
    /// Removes leftovers of the failed rollout and converges the previous live release.
    ///
    /// This holds until the server sends a newer desired state.
    pub(super) async fn fall_back(
        &mut self,
        failed: &WorkloadRelease,
    ) -> Result<Round, RunnerError> {
        let round = self.clear_away(failed.release_id).await?;
        if round != Round::Settled {
            return Ok(round);
        }
        match self.release_before() {
            Some(before) => self.keep(&before).await,
            None => Ok(round),
        }
    }

    /// Returns the release that was live before the current rollout.
    pub(super) fn release_before(&self) -> Option<WorkloadRelease> {
        let before = self.context.memory.before(self.id)?;
        // It may come from the copy of a version with other validation rules.
        let holds = before.desired == DesiredState::Running && before.validate().is_ok();
        let release = before.release.as_ref().filter(|release| release.live);
        release.filter(|_| holds).cloned()
    }
}
