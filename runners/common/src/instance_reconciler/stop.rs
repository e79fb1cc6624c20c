//! Stopping and removing instances.

use futures::future::try_join_all;
use models::ReleaseId;
use tracing::info;

use super::{InstanceReconciler, context::Context, worker::Worker};
use crate::{
    deployment::DeploymentHandle,
    platform::{Action, InstanceKey, InstancePlatform, PlatformInstance, RunnerError},
    status::Condition,
};

impl<P: InstancePlatform> Worker<P> {
    /// Stops and removes all instances; returns `then` when none is left.
    pub(super) async fn stop_all(&mut self, then: Action) -> Result<Action, RunnerError> {
        let present = self.refresh().await?;
        self.candidates.clear();
        self.deployment.route_nowhere().await;
        self.stop_instances(&keys(&present)).await?;
        Ok(if present.is_empty() || self.refresh().await?.is_empty() {
            then
        } else {
            Action::RequeueSoon
        })
    }

    /// Removes leftovers of a failed rollout.
    pub(super) async fn remove_failed_rollout(
        &mut self,
        release_id: ReleaseId,
    ) -> Result<Action, RunnerError> {
        let mut left = self.refresh().await?;
        self.restore_traffic(&left).await;
        left.retain(|instance| instance.key.release_id == release_id);
        self.stop_instances(&keys(&left)).await?;
        self.candidates.clear();
        Ok(if left.is_empty() {
            Action::AwaitChange
        } else {
            Action::RequeueSoon
        })
    }

    /// Stops these instances, reads their last lines and removes them, all in parallel.
    ///
    /// New requests go elsewhere first, and those under way get their time to end.
    pub(super) async fn stop_instances(&mut self, keys: &[InstanceKey]) -> Result<(), RunnerError> {
        self.stopping.extend(keys.iter().map(|key| key.instance_id));
        self.deployment.withdraw(keys).await;
        let stops = keys
            .iter()
            .map(|key| stop_instance(&self.context, &self.deployment, *key));
        try_join_all(stops).await?;
        Ok(())
    }
}

pub(super) fn keys(instances: &[PlatformInstance]) -> Vec<InstanceKey> {
    instances.iter().map(|instance| instance.key).collect()
}

async fn stop_instance<P: InstancePlatform>(
    context: &Context<P>,
    deployment: &DeploymentHandle<InstanceReconciler<P>>,
    key: InstanceKey,
) -> Result<(), RunnerError> {
    context
        .agent
        .status
        .set_condition(&key, Condition::Stopping);
    deployment.drain(&[key]).await;
    context.platform.stop(&key).await?;
    deployment.finish_logs(&key).await;
    context.platform.remove(&key).await?;
    context.agent.status.clear_condition(&key);
    info!(
        deployment.id = %key.deployment_id,
        instance.id = %key.instance_id,
        "stopped and removed an instance"
    );
    Ok(())
}
