//! Stopping and removing instances.

use futures::future::try_join_all;
use models::ReleaseId;
use tracing::info;

use super::{Action, worker::Worker};
use crate::{
    context::Context,
    logs::Collector,
    platform::{InstanceKey, InstancePlatform, PlatformInstance, RunnerError},
    status::Condition,
};

impl<R: InstancePlatform> Worker<R> {
    /// Stops and removes all instances; returns `then` when none is left.
    pub(super) async fn stop_all(&mut self, then: Action) -> Result<Action, RunnerError> {
        let present = self.refresh().await?;
        self.candidates.clear();
        self.stop_instances(&keys(&present)).await?;
        Ok(if present.is_empty() || self.refresh().await?.is_empty() {
            then
        } else {
            self.requeue()
        })
    }

    /// Removes leftovers of a failed rollout.
    pub(super) async fn remove_failed_rollout(
        &mut self,
        release_id: ReleaseId,
    ) -> Result<Action, RunnerError> {
        let mut left = self.refresh().await?;
        left.retain(|instance| instance.key.release_id == release_id);
        self.stop_instances(&keys(&left)).await?;
        self.candidates.clear();
        Ok(if left.is_empty() {
            Action::AwaitChange
        } else {
            self.requeue()
        })
    }

    /// Stops these instances, reads their last lines and removes them, all in parallel.
    pub(super) async fn stop_instances(&mut self, keys: &[InstanceKey]) -> Result<(), RunnerError> {
        self.stopping.extend(keys.iter().map(|key| key.instance_id));
        let context = &self.context;
        let logs = &mut self.logs;
        try_join_all(keys.iter().map(|key| {
            let collector = logs.remove(key);
            stop_instance(context, *key, collector)
        }))
        .await?;
        Ok(())
    }
}

pub(super) fn keys(instances: &[PlatformInstance]) -> Vec<InstanceKey> {
    instances.iter().map(|instance| instance.key).collect()
}

async fn stop_instance<R: InstancePlatform>(
    context: &Context<R>,
    key: InstanceKey,
    collector: Option<Collector>,
) -> Result<(), RunnerError> {
    context.status.set_condition(&key, Condition::Stopping);
    context.runner.stop(&key).await?;
    if let Some(collector) = collector {
        collector.finish(context.timings.log_drain).await;
    }
    context.runner.remove(&key).await?;
    context.status.clear_condition(&key);
    info!(
        deployment.id = %key.deployment_id,
        instance.id = %key.instance_id,
        "stopped and removed an instance"
    );
    Ok(())
}
