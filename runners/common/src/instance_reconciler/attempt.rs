//! Attempts of runs, as single instances.

use models::{deployment::Fault, runner::WorkloadRelease, value::ImageDigest};

use super::{start, worker::Worker};
use crate::platform::{
    InstanceKey, InstanceNetwork, InstancePlatform, PlatformInstance, PlatformState, RunnerError,
};

impl<P: InstancePlatform> Worker<P> {
    /// Gets the image, and creates and starts the instance of an attempt.
    ///
    /// The attempt counts as begun between creation and start. An instance of the same key that
    /// an earlier call left is started as it is, unless it was; one of another key was never
    /// started, and is removed. A platform that does not answer is asked again, a few times.
    pub(super) async fn start_attempt(
        &mut self,
        key: &InstanceKey,
        release: &WorkloadRelease,
        network: Option<&InstanceNetwork>,
    ) -> Result<ImageDigest, RunnerError> {
        self.check_spec(release)?;
        let (ready, _) = self.resolve_image(release).await?;
        let present = self.list_attempts().await?;
        let there = present.iter().find(|instance| instance.key == *key);
        let is_there = there.is_some();
        if there.is_some_and(|instance| instance.state != PlatformState::Created) {
            // An earlier call's start had its effect, and the task may have ended by now.
            return Ok(ready.digest);
        }
        for instance in present {
            if instance.state == PlatformState::Created && instance.key != *key {
                self.discard(&instance.key).await?;
            }
        }
        if !is_there
            && let Err(error) =
                start::create(&self.context, *key, (release, network), &ready.digest).await
        {
            // It was never started. Whatever is left of it goes before the next start.
            self.discard(key).await.ok();
            return Err(error);
        }
        if let Some(attempt) = key.attempt {
            self.deployment.begin_attempt(attempt.number).await;
        }
        if let Err(error) = self.context.platform.start(key).await
            && (error.fault == Fault::User || !self.has_started(key).await?)
        {
            self.context.platform.stop(key).await?;
            self.context.platform.remove(key).await?;
            return Err(error);
        }
        Ok(ready.digest)
    }

    /// True if an attempt was started, although the platform's answer was lost.
    async fn has_started(&self, key: &InstanceKey) -> Result<bool, RunnerError> {
        let present = self.list_attempts().await?;
        let is_it = |one: &PlatformInstance| one.key == *key && one.state != PlatformState::Created;
        Ok(present.iter().any(is_it))
    }

    async fn list_attempts(&self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let timings = &self.context.agent.timings;
        start::retry(timings, || self.deployment.relist(), |_, _| {}).await
    }

    async fn discard(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        let remove = || self.context.platform.remove(key);
        start::retry(&self.context.agent.timings, remove, |_, _| {}).await
    }
}
