//! Attempts of runs, as single instances.

use models::{runner::WorkloadRelease, value::ImageDigest};

use super::{start, worker::Worker};
use crate::platform::{InstanceKey, InstancePlatform, PlatformState, RunnerError};

impl<P: InstancePlatform> Worker<P> {
    /// Gets the image, and creates and starts the instance of an attempt.
    ///
    /// The attempt counts as begun between creation and start. An instance of the same key that
    /// an earlier call left is started as it is, unless it was; one of another key was never
    /// started, and is removed.
    pub(super) async fn start_attempt(
        &mut self,
        key: &InstanceKey,
        release: &WorkloadRelease,
    ) -> Result<ImageDigest, RunnerError> {
        self.check_spec(release)?;
        let (ready, _) = self.resolve_image(release).await?;
        let present = self.refresh().await?;
        let there = present.iter().find(|instance| instance.key == *key);
        let is_there = there.is_some();
        if there.is_some_and(|instance| instance.state != PlatformState::Created) {
            // An earlier call's start had its effect, and the task may have ended by now.
            return Ok(ready.digest);
        }
        for instance in present {
            if instance.state == PlatformState::Created && instance.key != *key {
                self.context.platform.remove(&instance.key).await?;
            }
        }
        if !is_there
            && let Err(error) = start::create(&self.context, *key, release, &ready.digest).await
        {
            self.context.platform.remove(key).await?;
            return Err(error);
        }
        if let Some(attempt) = key.attempt {
            self.deployment.begin_attempt(attempt.number).await;
        }
        if let Err(error) = self.context.platform.start(key).await {
            self.context.platform.stop(key).await?;
            self.context.platform.remove(key).await?;
            return Err(error);
        }
        Ok(ready.digest)
    }
}
