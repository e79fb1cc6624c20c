//! Stopping and removing instances.

use futures::future::try_join_all;
use models::ReleaseId;
use tracing::info;

use super::{Round, worker::Worker};
use crate::{
    board::Mark,
    context::Context,
    logs::Collector,
    runner::{InstanceKey, PlatformInstance, Runner, RunnerError},
};

impl<R: Runner> Worker<R> {
    /// Takes all instances down; returns `then` when none is left.
    pub(super) async fn take_all_down(&mut self, then: Round) -> Result<Round, RunnerError> {
        let present = self.look().await?;
        self.trials.clear();
        self.take_down(&keys(&present)).await?;
        Ok(if present.is_empty() || self.look().await?.is_empty() {
            then
        } else {
            self.again()
        })
    }

    /// Removes leftovers of a failed rollout.
    pub(super) async fn clear_away(&mut self, release_id: ReleaseId) -> Result<Round, RunnerError> {
        let mut left = self.look().await?;
        left.retain(|instance| instance.key.release_id == release_id);
        self.take_down(&keys(&left)).await?;
        self.trials.clear();
        Ok(if left.is_empty() {
            Round::Settled
        } else {
            self.again()
        })
    }

    /// Stops these instances, reads their last lines and removes them, all in parallel.
    pub(super) async fn take_down(&mut self, keys: &[InstanceKey]) -> Result<(), RunnerError> {
        self.stopped.extend(keys.iter().map(|key| key.instance_id));
        let context = &self.context;
        let logs = &mut self.logs;
        try_join_all(keys.iter().map(|key| {
            let collector = logs.take(key);
            take_one_down(context, *key, collector)
        }))
        .await?;
        Ok(())
    }
}

pub(super) fn keys(instances: &[PlatformInstance]) -> Vec<InstanceKey> {
    instances.iter().map(|instance| instance.key).collect()
}

async fn take_one_down<R: Runner>(
    context: &Context<R>,
    key: InstanceKey,
    collector: Option<Collector>,
) -> Result<(), RunnerError> {
    context.board.mark(&key, Mark::Stopping);
    context.runner.stop(&key).await?;
    if let Some(collector) = collector {
        collector.finish(context.timings.last_lines).await;
    }
    context.runner.remove(&key).await?;
    context.board.unmark(&key);
    info!(
        deployment.id = %key.deployment_id,
        instance.id = %key.instance_id,
        "stopped and removed an instance"
    );
    Ok(())
}
