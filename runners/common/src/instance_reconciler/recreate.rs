//! The recreate strategy: the old release stops before one with volumes starts.
//!
//! Two processes on one data folder destroy it. So a release with volumes, and one that follows
//! a release with volumes, stops the old instances first. The app is down meanwhile.

use models::{
    deployment::{Progress, ReleasePhase},
    runner::{RunnerSpec, WorkloadRelease},
};

use super::{stop::keys, worker::Worker};
use crate::platform::{InstancePlatform, PlatformInstance, RunnerError};

impl<P: InstancePlatform> Worker<P> {
    /// Takes down the instances that the release may not run beside.
    ///
    /// Its image is pulled already, which keeps the downtime short.
    pub(super) async fn stop_before_start(
        &mut self,
        release: &WorkloadRelease,
    ) -> Result<(), RunnerError> {
        let mut others = self.refresh().await?;
        others.retain(|other| other.key.release_id != release.release_id);
        if others.is_empty() || !requires_recreate(&release.spec, &others) {
            return Ok(());
        }
        // A stop may take longer than a start.
        self.deployment.reporter.phase(
            release.release_id,
            ReleasePhase::Pulling,
            None,
            Some(Progress {
                message: "Stopping the current instance, because a volume can be attached to only \
                          one instance at a time"
                    .to_owned(),
                done_bytes: None,
                total_bytes: None,
            }),
        );
        self.stop_instances(&keys(&others)).await
    }
}

/// True if `others` may not exist beside an instance of `spec`.
pub(super) fn requires_recreate(spec: &RunnerSpec, others: &[PlatformInstance]) -> bool {
    !spec.volumes.is_empty() || others.iter().any(|other| !other.volumes.is_empty())
}
