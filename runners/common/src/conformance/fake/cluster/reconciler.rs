//! The reconciler of a cluster: it sets what should run, and watches.

use std::sync::Arc;

use futures::Stream;
use models::{
    ReleaseId,
    deployment::DesiredState,
    runner::{RegistryCredential, Workload, WorkloadRelease},
    value::{ImageDigest, ImageReference},
};

use super::ClusterClient;
use crate::{
    context::AgentContext,
    deployment::DeploymentHandle,
    platform::{
        Action, Exec, ExecSession, InstanceKey, InstanceNetwork, InstancePlatform, InstanceStats,
        LogStart, PlatformInstance, PlatformLine, PlatformState, Reconciler, RunnerError,
    },
};

/// Reconciles deployments on a [`FakeCluster`](super::FakeCluster).
#[derive(Debug)]
pub struct ClusterReconciler {
    pub(super) context: Arc<AgentContext>,
    pub(super) client: ClusterClient,
}

/// State of one deployment.
pub struct Worker {
    pub(super) deployment: Arc<DeploymentHandle<ClusterReconciler>>,
    /// The rollout that ended last: its generation and release, and true if it is live.
    pub(super) outcome: Option<(i64, ReleaseId, bool)>,
}

impl Reconciler for ClusterReconciler {
    type Worker = Worker;

    async fn observed(&self) -> Result<Vec<PlatformInstance>, RunnerError> {
        self.client.node.instances(self.client.runner_id).await
    }

    fn changes(&self) -> impl Stream<Item = ()> + Send {
        self.client.node.changes(self.client.runner_id)
    }

    fn worker(&self, deployment: Arc<DeploymentHandle<Self>>) -> Worker {
        Worker {
            deployment,
            outcome: None,
        }
    }

    async fn reconcile(
        &self,
        worker: &mut Worker,
        workload: &Workload,
    ) -> Result<Action, RunnerError> {
        let release = workload.release.as_ref();
        let Some(release) = release.filter(|_| workload.desired == DesiredState::Running) else {
            self.remove(worker).await?;
            return Ok(Action::AwaitChange);
        };
        let rollout = (workload.generation, release.release_id);
        let outcome = worker
            .outcome
            .filter(|(generation, id, _)| (*generation, *id) == rollout);
        match outcome {
            None if !release.live => {
                let is_live = self.roll_out(worker, workload.generation, release).await?;
                worker.outcome = Some((rollout.0, rollout.1, is_live));
                Ok(Action::RequeueSoon)
            }
            Some((_, _, false)) if !release.live => {
                let previous = worker.deployment.previous_release();
                self.keep(worker, previous.as_ref()).await
            }
            _ => self.keep(worker, Some(release)).await,
        }
    }

    async fn start_attempt(
        &self,
        worker: &mut Worker,
        key: &InstanceKey,
        release: &WorkloadRelease,
        _network: Option<&InstanceNetwork>,
    ) -> Result<ImageDigest, RunnerError> {
        self.context.check_spec(&release.spec)?;
        let digest = self.digest(release).await?;
        if let Some(attempt) = key.attempt {
            worker.deployment.begin_attempt(attempt.number).await;
        }
        let present = worker.deployment.relist().await?;
        match present.iter().find(|instance| instance.key == *key) {
            None => self.client.start_once(*key, release, &digest).await?,
            Some(left) if left.state == PlatformState::Created => {
                self.client.node.start(key).await?;
            }
            Some(_) => {}
        }
        Ok(digest)
    }

    async fn stop_attempt(
        &self,
        _worker: &mut Worker,
        key: &InstanceKey,
    ) -> Result<(), RunnerError> {
        self.client.node.stop(key).await
    }

    async fn remove(&self, worker: &mut Worker) -> Result<Action, RunnerError> {
        if worker.deployment.id().run_id.is_some() {
            for attempt in worker.deployment.relist().await? {
                self.client.node.stop(&attempt.key).await?;
                self.client.node.remove(&attempt.key).await?;
            }
        } else {
            self.keep(worker, None).await?;
        }
        Ok(if worker.deployment.relist().await?.is_empty() {
            Action::Finished
        } else {
            Action::RequeueSoon
        })
    }

    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        self.client.node.logs(instance, from)
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        self.client.node.stats(instances).await
    }

    async fn exec(&self, instance: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        self.client.node.exec(instance, exec).await
    }

    async fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        self.client.node.resolve_tag(image, credential).await
    }
}

impl ClusterReconciler {
    /// Lets the cluster run this release and no other.
    async fn keep(
        &self,
        worker: &Worker,
        release: Option<&WorkloadRelease>,
    ) -> Result<Action, RunnerError> {
        let mut sets = Vec::new();
        let (leaving, routed) = self.route(worker, release).await?;
        if let Some(release) = release {
            self.context.check_spec(&release.spec)?;
            sets.push((release.clone(), self.digest(release).await?));
        }
        worker.deployment.drain(&leaving).await;
        self.client
            .apply(worker.deployment.id().deployment_id, sets);
        worker.deployment.relist().await?;
        routed?;
        Ok(Action::AwaitChange)
    }

    /// Sends requests to the instances of this release that the cluster will keep.
    ///
    /// Returns the other instances.
    async fn route(
        &self,
        worker: &Worker,
        release: Option<&WorkloadRelease>,
    ) -> Result<(Vec<InstanceKey>, Result<(), RunnerError>), RunnerError> {
        let deployment = &worker.deployment;
        let mut present = deployment.relist().await?;
        let Some(release) = release else {
            deployment.route_nowhere().await;
            return Ok((keys(&present), Ok(())));
        };
        // The controller removes the newest ones first.
        present.sort_by_key(|one| {
            (
                one.key.release_id != release.release_id,
                one.key.instance_id,
            )
        });
        let of_it = |one: &&PlatformInstance| one.key.release_id == release.release_id;
        let mine = present.iter().filter(of_it).count();
        let leaving = present.split_off(mine.min(release.instance_count()));
        let routed = deployment.route(release, &present).await;
        Ok((keys(&leaving), routed))
    }

    /// Returns the digest of a release's image.
    pub(super) async fn digest(
        &self,
        release: &WorkloadRelease,
    ) -> Result<ImageDigest, RunnerError> {
        match &release.image_digest {
            Some(digest) => Ok(digest.clone()),
            None => self.resolve_tag(&release.spec.image, None).await,
        }
    }
}

fn keys(instances: &[PlatformInstance]) -> Vec<InstanceKey> {
    instances.iter().map(|instance| instance.key).collect()
}
