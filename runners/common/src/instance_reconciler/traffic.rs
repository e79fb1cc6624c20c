//! Traffic of instances, as the loop sets it.

use models::runner::WorkloadRelease;

use super::worker::Worker;
use crate::{
    platform::{InstancePlatform, PlatformInstance, RunnerError},
    traffic::serves,
};

impl<P: InstancePlatform> Worker<P> {
    /// Sends requests to the instances of a live release.
    ///
    /// As long as none of them serves, the other instances do, with whatever ports they have in
    /// common: they run until then.
    pub(super) async fn route(
        &self,
        release: &WorkloadRelease,
        mine: &[PlatformInstance],
        others: &[PlatformInstance],
    ) -> Result<(), RunnerError> {
        let mine = self.staying(mine);
        if mine.iter().any(|instance| serves(instance.state)) {
            self.deployment.route(release, &mine).await
        } else {
            self.deployment.route(release, &self.staying(others)).await
        }
    }

    /// Sets the traffic of the release before the current rollout.
    pub(super) async fn restore_traffic(&self, present: &[PlatformInstance]) {
        let staying = self.staying(present);
        self.deployment.restore_traffic(&staying).await;
    }

    /// Returns the instances that were not asked to stop, whatever their state says.
    fn staying(&self, instances: &[PlatformInstance]) -> Vec<PlatformInstance> {
        let is_staying = |one: &&PlatformInstance| !self.stopping.contains(&one.key.instance_id);
        instances.iter().filter(is_staying).cloned().collect()
    }
}
