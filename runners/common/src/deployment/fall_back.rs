//! After a failed attempt: what was live before it runs on, or again.
//!
//! The server gives the release before it back as soon as it hears of the failure, but it may be
//! away, and what has volumes was taken down for the attempt.

use garde::Validate;
use models::{deployment::DesiredState, runner::WorkloadRelease};

use super::{Round, worker::Worker};
use crate::runner::{Runner, RunnerError};

impl<R: Runner> Worker<R> {
    /// Takes away what the failed attempt left, then keeps what was live before it, until the server
    /// says what holds now.
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

    /// The release that was live before the attempt under way.
    pub(super) fn release_before(&self) -> Option<WorkloadRelease> {
        let before = self.context.memory.before(self.id)?;
        // It may be from the copy of a process that knew other rules.
        let holds = before.desired == DesiredState::Running && before.validate().is_ok();
        let release = before.release.as_ref().filter(|release| release.live);
        release.filter(|_| holds).cloned()
    }
}
