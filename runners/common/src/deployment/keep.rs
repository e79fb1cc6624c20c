//! A release that is live: one instance of it runs, and nothing else does.

use models::runner::WorkloadRelease;
use tokio::time::{Instant, sleep_until};
use tracing::info;

use super::{Round, take_down::keys, worker::Worker};
use crate::{
    board::Mark,
    runner::{InstanceKey, PlatformInstance, PlatformState, Runner, RunnerError},
};

impl<R: Runner> Worker<R> {
    /// Sees to it that exactly one instance of the release runs.
    pub(super) async fn keep(&mut self, release: &WorkloadRelease) -> Result<Round, RunnerError> {
        let present = self.look().await?;
        let mine = |instance: &&PlatformInstance| instance.key.release_id == release.release_id;
        // The newest one comes first.
        if let Some(running) = present.iter().filter(mine).find(|i| i.state.is_up()) {
            self.crashes.up(Instant::now());
            return self.keep_only(running.key, &present).await;
        }
        match present.iter().find(mine) {
            Some(instance) if instance.state == PlatformState::Stopping => Ok(self.again()),
            Some(instance) => self.start_again(instance.key, instance.state).await,
            None => {
                let digest = self.get_image(release).await?;
                self.start_instance(release, &digest).await?;
                self.crashes.up(Instant::now());
                Ok(self.again())
            }
        }
    }

    async fn keep_only(
        &mut self,
        running: InstanceKey,
        present: &[PlatformInstance],
    ) -> Result<Round, RunnerError> {
        self.trial = None;
        let mut others = keys(present);
        others.retain(|key| *key != running);
        if others.is_empty() {
            return Ok(Round::Settled);
        }
        self.take_down(&others).await?;
        Ok(self.again())
    }

    /// Starts an instance that ended by itself, after a pause that grows with each time.
    async fn start_again(
        &mut self,
        key: InstanceKey,
        state: PlatformState,
    ) -> Result<Round, RunnerError> {
        if let PlatformState::Exited { code } = state {
            let at = self.crashes.ended(Instant::now());
            match self.crashes.crash_loop() {
                Some(restarts) => self.context.board.mark(&key, Mark::CrashLoop { restarts }),
                None => self.context.board.unmark(&key),
            }
            info!(
                deployment.id = %key.deployment_id,
                instance.id = %key.instance_id,
                exit.code = code,
                pause_ms = at.saturating_duration_since(Instant::now()).as_millis(),
                "the app ended; it is started again after a pause"
            );
            sleep_until(at).await;
        }
        match self.context.runner.start(&key).await {
            Ok(()) => {
                self.crashes.restarted(Instant::now());
                Ok(self.again())
            }
            Err(error) => {
                // The next round makes a new one.
                self.take_down(&[key]).await?;
                Err(error)
            }
        }
    }
}
