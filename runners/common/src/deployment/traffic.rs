//! The traffic of one deployment: its routing, and what is drained.

use std::{collections::HashMap, future::Future};

use futures::future::join_all;
use models::{InstanceId, deployment::FailureCode, runner::WorkloadRelease, value::ImageDigest};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::warn;

use super::DeploymentHandle;
use crate::{
    platform::{InstanceKey, PlatformInstance, Reconciler, RunnerError},
    sync::lock,
    traffic::Routing,
};

/// Last known traffic of a deployment.
#[derive(Debug, Default)]
pub(super) struct TrafficState {
    /// The last routing that the plane was asked for; absent before the first.
    routing: Option<Routing>,
    /// Deadlines of instances that are drained.
    ///
    /// A reconcile that was canceled meanwhile does not begin the wait anew.
    drains: HashMap<InstanceId, Instant>,
}

impl TrafficState {
    /// Drops instances that are gone.
    pub(super) fn keep_only(&mut self, present: &[PlatformInstance]) {
        self.drains
            .retain(|id, _| present.iter().any(|one| one.key.instance_id == *id));
    }
}

impl<R: Reconciler> DeploymentHandle<R> {
    /// Checks that requests can reach the verified instances of a new release.
    ///
    /// A rollout calls it before [`Self::go_live`].
    ///
    /// # Errors
    /// When they cannot; the release has failed.
    pub async fn check_traffic(
        &self,
        release: &WorkloadRelease,
        instances: &[PlatformInstance],
    ) -> Result<(), RunnerError> {
        let routing = Routing::to(self.id.deployment_id, release, instances);
        self.in_time(self.context.traffic.ready(&routing)).await
    }

    /// Records that a release is live, and switches traffic to its instances.
    ///
    /// The record comes first, because traffic follows it: if this call is dropped, or the
    /// process ends, the next reconcile switches to what is recorded. From the record on, the
    /// release holds without the server. Before older instances stop, see to it that the record
    /// is [saved](Self::live_saved).
    ///
    /// # Errors
    /// When the traffic plane refuses or does not answer. The record is then taken back: the
    /// release has failed, and the previous one is still live. Its traffic is set again by
    /// [`Self::restore_traffic`].
    pub async fn go_live(
        &self,
        generation: i64,
        release: &WorkloadRelease,
        image_digest: &ImageDigest,
        instances: &[PlatformInstance],
    ) -> Result<(), RunnerError> {
        let cache = &self.context.desired_cache;
        let previous = cache.previous(self.id.deployment_id);
        cache.mark_live(self.id.deployment_id, generation, release, image_digest);
        let switched = self.route(release, instances).await;
        if switched.is_err() {
            cache.unmark_live(
                self.id.deployment_id,
                generation,
                release.release_id,
                previous,
            );
        }
        switched
    }

    /// Waits until the record that a release is live survives a restart.
    pub async fn live_saved(&self) {
        self.context.desired_cache.persisted().await;
    }

    /// Sends requests to those of these instances that serve, and to no others.
    ///
    /// To be repeated in every reconcile of a live release, before other instances stop.
    ///
    /// # Errors
    /// When the traffic plane refuses or does not answer.
    pub async fn route(
        &self,
        release: &WorkloadRelease,
        instances: &[PlatformInstance],
    ) -> Result<(), RunnerError> {
        let routing = Routing::to(self.id.deployment_id, release, instances);
        self.switch(routing).await
    }

    /// Sends no more requests to any instance of the deployment.
    ///
    /// To be called when it is stopped or removed. A plane that fails does not keep an app running: see [`Self::withdraw`].
    pub async fn route_nowhere(&self) {
        let switched = self.switch(Routing::nowhere(self.id.deployment_id)).await;
        self.log_failure(switched);
    }

    /// Sets the traffic of the release that was live before the current rollout.
    ///
    /// A rollout calls it when it begins, and when it failed.
    pub async fn restore_traffic(&self, present: &[PlatformInstance]) {
        let routing = match self.previous_release() {
            Some(release) => {
                let of_it = |one: &&PlatformInstance| one.key.release_id == release.release_id;
                let instances: Vec<_> = present.iter().filter(of_it).cloned().collect();
                Routing::to(self.id.deployment_id, &release, &instances)
            }
            // Nothing was ever live, as far as this process knows.
            None if lock(&self.traffic).routing.is_none() => return,
            None => Routing::nowhere(self.id.deployment_id),
        };
        let switched = self.switch(routing).await;
        self.log_failure(switched);
    }

    /// Sends no more requests to these instances, because they are about to stop.
    ///
    /// A plane that fails holds up no stop, which may be urgent; it is logged, and the next
    /// reconcile sets the routing again.
    pub async fn withdraw(&self, instances: &[InstanceKey]) {
        let remaining = {
            let state = lock(&self.traffic);
            let is_target = |routing: &&Routing| instances.iter().any(|i| routing.has_target(i));
            state.routing.as_ref().filter(is_target).cloned()
        };
        if let Some(mut routing) = remaining {
            routing
                .targets
                .retain(|target| !instances.contains(&target.instance));
            let switched = self.switch(routing).await;
            self.log_failure(switched);
        }
    }

    /// Waits until no request is under way at these instances, or their time is up.
    ///
    /// To be called before an orderly stop, after they were withdrawn.
    pub async fn drain(&self, instances: &[InstanceKey]) {
        let deadline = Instant::now() + self.context.timings.drain_timeout;
        let drains = instances.iter().map(|instance| {
            let deadline = *lock(&self.traffic)
                .drains
                .entry(instance.instance_id)
                .or_insert(deadline);
            timeout_at(deadline, self.context.traffic.drain(instance, deadline))
        });
        join_all(drains).await;
    }

    async fn switch(&self, routing: Routing) -> Result<(), RunnerError> {
        if self.id.run_id.is_some() {
            // A run gets no requests, and its end is not its deployment's.
            return Ok(());
        }
        {
            let mut state = lock(&self.traffic);
            state.drains.retain(|id, _| {
                !routing
                    .targets
                    .iter()
                    .any(|t| t.instance.instance_id == *id)
            });
            // Before the call: one that is dropped may have had its effect.
            state.routing = Some(routing.clone());
        }
        self.in_time(self.context.traffic.switch(&routing)).await
    }

    /// Waits for the traffic plane, but not for ever.
    async fn in_time(
        &self,
        call: impl Future<Output = Result<(), RunnerError>>,
    ) -> Result<(), RunnerError> {
        let limit = self.context.timings.traffic_timeout;
        timeout(limit, call).await.unwrap_or_else(|_| {
            Err(RunnerError::platform(
                FailureCode::TrafficSilent,
                "The runner's traffic plane did not respond in time. Check the runner's log.",
            ))
        })
    }

    fn log_failure(&self, switched: Result<(), RunnerError>) {
        if let Err(error) = switched {
            warn!(
                deployment.id = %self.id.deployment_id,
                %error.code,
                error = %error,
                source = ?error.source,
                "failed to change the traffic of a deployment; retrying later"
            );
        }
    }
}
