//! Attempts of runs, as single instances.

use models::{runner::WorkloadRelease, value::ImageDigest};

use super::{start, worker::Worker};
use crate::platform::{InstanceKey, InstancePlatform, PlatformState, RunnerError};

impl<P: InstancePlatform> Worker<P> {
    /// Gets the image, and creates and starts the instance of an attempt.
    ///
    /// One that an earlier call left unstarted is removed first. The attempt counts as begun
    /// between creation and start: an instance that was never started shows that it may begin.
    pub(super) async fn start_attempt(
        &mut self,
        key: &InstanceKey,
        release: &WorkloadRelease,
    ) -> Result<ImageDigest, RunnerError> {
        self.check_spec(release)?;
        let (ready, _) = self.resolve_image(release).await?;
        let mut unstarted = self.refresh().await?;
        unstarted.retain(|instance| instance.state == PlatformState::Created);
        for instance in unstarted {
            self.context.platform.remove(&instance.key).await?;
        }
        if let Err(error) = start::create(&self.context, *key, release, &ready.digest).await {
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
