//! The reconciler of one deployment: its state between reconciles, and their start.

use std::{collections::HashSet, sync::Arc, time::Duration};

use models::{
    DeploymentId, InstanceId, ReleaseId,
    deployment::{DesiredState, ReleasePhase},
    runner::{Workload, WorkloadRelease},
    time::Timestamp,
};
use tracing::warn;

use super::{
    Action, Desired, crash::CrashTracker, intent::Intent, liveness::LivenessProbes,
    report::Reporter,
};
use crate::{
    backoff::Backoff,
    context::Context,
    logs::Collectors,
    platform::{InstanceKey, InstancePlatform, PlatformInstance, Retry, RunnerError},
    status::Errors,
};

pub(super) struct Worker<R> {
    pub(super) context: Arc<Context<R>>,
    pub(super) id: DeploymentId,
    pub(super) reporter: Arc<Reporter>,
    pub(super) logs: Collectors<R>,
    pub(super) crashes: CrashTracker,
    pub(super) liveness: LivenessProbes,
    /// Candidates of a release.
    pub(super) candidates: Vec<InstanceKey>,
    /// Instances that were asked to stop and still exist.
    pub(super) stopping: HashSet<InstanceId>,
    /// Outcome of a rollout; it is not repeated for the same generation.
    pub(super) outcome: Option<RolloutOutcome>,
    /// Listing of the platform at the last decision.
    observed: Vec<PlatformInstance>,
    generation: i64,
    intent: Option<Intent>,
    retry: Backoff,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct RolloutOutcome {
    pub(super) generation: i64,
    pub(super) release_id: ReleaseId,
    /// Live or failed.
    pub(super) phase: ReleasePhase,
}

impl<R: InstancePlatform> Worker<R> {
    pub(super) fn new(context: Arc<Context<R>>, id: DeploymentId, reporter: Arc<Reporter>) -> Self {
        Self {
            logs: Collectors::new(Arc::clone(&context)),
            crashes: CrashTracker::new(&context.timings),
            liveness: LivenessProbes::default(),
            retry: Backoff::new(context.timings.retry_first, context.timings.restart_max),
            context,
            id,
            reporter,
            candidates: Vec::new(),
            stopping: HashSet::new(),
            outcome: None,
            observed: Vec::new(),
            generation: 0,
            intent: None,
        }
    }

    /// Returns the listing of the last decision, newest instance first.
    pub(super) fn observed(&self) -> &[PlatformInstance] {
        &self.observed
    }

    /// Reconciles once.
    pub(super) async fn reconcile(&mut self, desired: &Desired) -> Action {
        match self.reconcile_once(desired).await {
            Ok(action) => {
                if action == Action::AwaitChange {
                    self.retry.reset();
                }
                self.context
                    .status
                    .update_errors(self.id, Errors::clear_failure);
                action
            }
            Err(error) => {
                warn!(
                    deployment.id = %self.id,
                    error.code,
                    error = %error,
                    source = ?error.source,
                    "reconcile failed; retrying"
                );
                let pause = self.retry.next();
                let pause = match error.retry {
                    Retry::After(least) => pause.max(least),
                    Retry::Never => self.context.timings.restart_max,
                };
                self.record_retry(error, pause);
                Action::Requeue(pause)
            }
        }
    }

    /// Reports an error outside a rollout, and that a retry follows after a pause.
    pub(super) fn record_retry(&self, error: RunnerError, pause: Duration) {
        let now = self.context.host.now();
        let note = |errors: &mut Errors| errors.set_failure(error.into(), now, plus(now, pause));
        self.context.status.update_errors(self.id, note);
    }

    async fn reconcile_once(&mut self, desired: &Desired) -> Result<Action, RunnerError> {
        match desired {
            Desired::Unknown => {
                self.refresh().await?;
                Ok(Action::AwaitChange)
            }
            Desired::Absent => {
                self.reporter.clear();
                self.stop_all(Action::Finished).await
            }
            Desired::Present(workload) => {
                self.observe_generation(workload);
                match (workload.desired, &workload.release) {
                    (DesiredState::Running, Some(release)) => {
                        self.reconcile_running(workload, release).await
                    }
                    (DesiredState::Running | DesiredState::Stopped, _) => {
                        self.reporter.clear();
                        self.stop_all(Action::AwaitChange).await
                    }
                    (DesiredState::Deleted, _) => {
                        self.reporter.clear();
                        let action = self.stop_all(Action::Finished).await?;
                        if action == Action::Finished {
                            // Otherwise a restart would start instances that the server has
                            // forgotten.
                            self.context.desired_cache.persisted().await;
                            self.reporter.removed(workload.generation);
                        }
                        Ok(action)
                    }
                }
            }
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
            self.crashes = CrashTracker::new(&self.context.timings);
            self.context.status.update_errors(self.id, Errors::clear);
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
            _ => {
                self.reporter.clear();
                self.converge(release).await
            }
        }
    }

    /// Lists the platform, and starts log collection for every instance found.
    pub(super) async fn refresh(&mut self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let snapshot = self.context.informer.relist().await?;
        self.observed = snapshot.of_deployment(self.id);
        self.logs.follow(&self.observed);
        self.crashes.keep_only(&self.observed);
        let observed = &self.observed;
        self.stopping
            .retain(|id| observed.iter().any(|one| one.key.instance_id == *id));
        Ok(self.observed.clone())
    }

    /// Requeues after an action whose effect should show soon.
    pub(super) fn requeue(&mut self) -> Action {
        Action::Requeue(self.retry.next())
    }

    /// Drops all state of a removed deployment.
    pub(super) fn clean_up(self) {
        self.context.status.remove(self.id);
        self.context.log_queue.remove(self.id);
    }
}

/// Returns `now` plus a pause.
pub(super) fn plus(now: Timestamp, pause: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}
