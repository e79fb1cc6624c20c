//! The reconciler of one deployment: its state between reconciles, and their start.

use std::{collections::HashSet, sync::Arc};

use models::{
    DeploymentId, InstanceId, ReleaseId,
    deployment::{DesiredState, ReleasePhase},
    runner::{Workload, WorkloadRelease},
};

use super::{
    InstanceReconciler, context::Context, crash::CrashTracker, intent::Intent,
    liveness::LivenessProbes,
};
use crate::{
    deployment::DeploymentHandle,
    platform::{
        Action, InstanceKey, InstanceNetwork, InstancePlatform, PlatformInstance, RunnerError,
    },
    status::Errors,
};

/// State of one deployment.
pub struct Worker<P> {
    pub(super) context: Arc<Context<P>>,
    pub(super) deployment: Arc<DeploymentHandle<InstanceReconciler<P>>>,
    pub(super) id: DeploymentId,
    pub(super) crashes: CrashTracker,
    pub(super) liveness: LivenessProbes,
    /// Candidates of a release.
    pub(super) candidates: Vec<InstanceKey>,
    /// Instances that were asked to stop and still exist.
    pub(super) stopping: HashSet<InstanceId>,
    /// Outcome of a rollout; it is not repeated for the same generation.
    pub(super) outcome: Option<RolloutOutcome>,
    /// Place of new instances on a private network.
    pub(super) network: Option<InstanceNetwork>,
    generation: i64,
    intent: Option<Intent>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RolloutOutcome {
    pub(super) generation: i64,
    pub(super) release_id: ReleaseId,
    /// Live or failed.
    pub(super) phase: ReleasePhase,
}

impl<P: InstancePlatform> Worker<P> {
    pub(super) fn new(
        context: Arc<Context<P>>,
        deployment: Arc<DeploymentHandle<InstanceReconciler<P>>>,
    ) -> Self {
        Self {
            crashes: CrashTracker::new(&context.agent.timings),
            liveness: LivenessProbes::new(deployment.waker()),
            id: deployment.id.deployment_id,
            context,
            deployment,
            candidates: Vec::new(),
            stopping: HashSet::new(),
            outcome: None,
            network: None,
            generation: 0,
            intent: None,
        }
    }

    /// Reconciles a deployment that should run, or be stopped.
    pub(super) async fn reconcile(&mut self, workload: &Workload) -> Result<Action, RunnerError> {
        self.observe_generation(workload);
        let agent = &self.context.agent;
        self.network = agent.network_of(workload);
        match (workload.desired, &workload.release) {
            (DesiredState::Running, Some(release)) => {
                self.reconcile_running(workload, release).await
            }
            _ => self.stop_all(Action::AwaitChange).await,
        }
    }

    /// Observes a changed intent: crash counts and errors of the older one are void.
    ///
    /// Scaling keeps them. A crash loop is no better for more instances.
    fn observe_generation(&mut self, workload: &Workload) {
        if self.generation == workload.generation {
            return;
        }
        let intent = Intent::of(workload);
        if !intent.differs_only_in_scale(self.intent) {
            self.crashes = CrashTracker::new(&self.context.agent.timings);
            self.context
                .agent
                .status
                .update_errors(self.id, Errors::clear);
        }
        self.intent = Some(intent);
        self.generation = workload.generation;
        self.outcome = None;
    }

    async fn reconcile_running(
        &mut self,
        workload: &Workload,
        release: &WorkloadRelease,
    ) -> Result<Action, RunnerError> {
        let outcome = self
            .outcome
            .filter(|outcome| {
                outcome.release_id == release.release_id
                    && outcome.generation == workload.generation
            })
            .map(|outcome| outcome.phase);
        match outcome {
            None if !release.live => self.roll_out(workload.generation, release).await,
            Some(ReleasePhase::Failed) if !release.live => self.auto_revert(release).await,
            Some(_) if !release.live => {
                // The server has not heard yet that the instances have their volumes.
                let mut release = release.clone();
                release.expect_all();
                self.converge(&release).await
            }
            _ => self.converge(release).await,
        }
    }

    /// True if an instance serves the release where its workload now belongs.
    ///
    /// An instance without a network belongs anywhere. It was created before servers or this
    /// runner knew of networks, and stays until the next release: an upgrade restarts no app.
    pub(super) fn is_of(&self, release: &WorkloadRelease, instance: &PlatformInstance) -> bool {
        let has_moved = match (&instance.network, &self.network) {
            (Some(found), Some(wanted)) => found != wanted,
            _ => false,
        };
        instance.key.release_id == release.release_id && !has_moved
    }

    /// Lists the platform, and drops what is known of instances that are gone.
    pub(super) async fn refresh(&mut self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let observed = self.deployment.relist().await?;
        self.crashes.keep_only(&observed);
        self.stopping
            .retain(|id| observed.iter().any(|one| one.key.instance_id == *id));
        Ok(observed)
    }
}
