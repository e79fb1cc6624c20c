//! The reconciler of an [`InstancePlatform`]: the loop over an engine.
//!
//! It creates, starts, verifies, stops and removes instances one by one, restarts those that
//! exit, and guards volumes and images.

mod attempt;
mod auto_revert;
mod context;
mod converge;
mod crash;
mod execute;
mod failure;
mod intent;
mod liveness;
mod networks;
mod probe;
mod recreate;
mod registry_breaker;
mod resolve;
mod rollout;
mod start;
mod stop;
mod traffic;
mod verify;
mod volumes;
mod worker;

use std::sync::Arc;

use futures::Stream;
use models::{
    VolumeId,
    runner::{RegistryCredential, RunnerInfo, Workload, WorkloadRelease},
    value::{ImageDigest, ImageReference},
};

use self::{context::Context, worker::Worker};
use crate::{
    context::AgentContext,
    deployment::DeploymentHandle,
    owner::Owner,
    platform::{
        Action, Capabilities, Exec, ExecSession, InstanceKey, InstanceNetwork, InstancePlatform,
        InstanceStats, LogStart, NeededImages, Platform, PlatformInstance, PlatformLine,
        Reconciler, RunnerError,
    },
    traffic::Traffic,
};

/// Reconciles deployments by operations on single instances.
#[derive(Debug)]
pub struct InstanceReconciler<P> {
    context: Arc<Context<P>>,
}

impl<P: InstancePlatform> Platform for P {
    type Reconciler = InstanceReconciler<P>;

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            // An instance that is started once is a run's attempt.
            runs: true,
            ..InstancePlatform::capabilities(self)
        }
    }

    fn fingerprint(&self) -> impl Future<Output = Result<RunnerInfo, RunnerError>> + Send {
        InstancePlatform::fingerprint(self)
    }

    fn set_owner(&self, owner: Owner) {
        InstancePlatform::set_owner(self, owner);
    }

    fn traffic(&self) -> Arc<dyn Traffic> {
        InstancePlatform::traffic(self)
    }

    fn reconciler(self: Arc<Self>, context: Arc<AgentContext>) -> InstanceReconciler<P> {
        InstanceReconciler {
            context: Arc::new(Context::new(context, self)),
        }
    }
}

impl<P: InstancePlatform> Reconciler for InstanceReconciler<P> {
    type Worker = Worker<P>;

    async fn observed(&self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let runner_id = self.context.agent.runner_id;
        self.context.platform.instances(runner_id).await
    }

    fn changes(&self) -> impl Stream<Item = ()> + Send {
        let runner_id = self.context.agent.runner_id;
        self.context.platform.changes(runner_id)
    }

    fn worker(&self, deployment: Arc<DeploymentHandle<Self>>) -> Worker<P> {
        Worker::new(Arc::clone(&self.context), deployment)
    }

    async fn reconcile(
        &self,
        worker: &mut Worker<P>,
        workload: &Workload,
    ) -> Result<Action, RunnerError> {
        worker.reconcile(workload).await
    }

    async fn start_attempt(
        &self,
        worker: &mut Worker<P>,
        key: &InstanceKey,
        release: &WorkloadRelease,
        network: Option<&InstanceNetwork>,
    ) -> Result<ImageDigest, RunnerError> {
        worker.start_attempt(key, release, network).await
    }

    async fn explain_exit(&self, key: &InstanceKey, code: i64) -> Option<RunnerError> {
        self.context.platform.explain_exit(key, code).await
    }

    async fn stop_attempt(
        &self,
        _worker: &mut Worker<P>,
        key: &InstanceKey,
    ) -> Result<(), RunnerError> {
        self.context.platform.stop(key).await
    }

    async fn remove(&self, worker: &mut Worker<P>) -> Result<Action, RunnerError> {
        worker.stop_all(Action::Finished).await
    }

    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        self.context.platform.logs(instance, from)
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        self.context.platform.stats(instances).await
    }

    async fn exec(&self, instance: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        self.context.platform.exec(instance, exec).await
    }

    async fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        self.context.platform.resolve_tag(image, credential).await
    }

    async fn remove_volume(&self, volume: VolumeId) -> Result<(), RunnerError> {
        volumes::remove(&self.context, volume).await
    }

    async fn prune(&self, needed: &NeededImages) -> Result<usize, RunnerError> {
        self.context.platform.prune(needed).await
    }

    async fn run_chores(&self) {
        let emptying = volumes::empty_trash(&self.context);
        // Boxed, so that the agent's future stays small.
        futures::join!(emptying, Box::pin(networks::prune(&self.context)));
    }
}
