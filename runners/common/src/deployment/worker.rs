//! The reconciler of one deployment: its state between two reconciles, and their start.

use std::{collections::HashSet, sync::Arc, time::Duration};

use models::{
    DeploymentId, InstanceId, ReleaseId,
    deployment::{DesiredState, ReleasePhase},
    runner::{Workload, WorkloadRelease},
    time::Timestamp,
};
use tracing::warn;

use super::{Round, Wish, crash::Crashes, liveness::Liveness, report::Reporter, task::Task};
use crate::{
    backoff::Backoff,
    board::Errors,
    context::Context,
    logs::Collectors,
    runner::{InstanceKey, PlatformInstance, Retry, Runner, RunnerError},
};

pub(super) struct Worker<R> {
    pub(super) context: Arc<Context<R>>,
    pub(super) id: DeploymentId,
    pub(super) reporter: Arc<Reporter>,
    pub(super) logs: Collectors<R>,
    pub(super) crashes: Crashes,
    pub(super) liveness: Liveness,
    /// Candidates of a release.
    pub(super) trials: Vec<InstanceKey>,
    /// Instances that were asked to stop and still exist.
    pub(super) stopped: HashSet<InstanceId>,
    /// Outcome of a rollout; it is not repeated for the same generation.
    pub(super) outcome: Option<Outcome>,
    /// Listing of the platform at the last decision.
    seen: Vec<PlatformInstance>,
    generation: i64,
    task: Option<Task>,
    retry: Backoff,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    pub(super) generation: i64,
    pub(super) release_id: ReleaseId,
    /// Live or failed.
    pub(super) phase: ReleasePhase,
}

impl<R: Runner> Worker<R> {
    pub(super) fn new(context: Arc<Context<R>>, id: DeploymentId, reporter: Arc<Reporter>) -> Self {
        Self {
            logs: Collectors::new(Arc::clone(&context)),
            crashes: Crashes::new(&context.timings),
            liveness: Liveness::default(),
            retry: Backoff::new(context.timings.retry_first, context.timings.restart_max),
            context,
            id,
            reporter,
            trials: Vec::new(),
            stopped: HashSet::new(),
            outcome: None,
            seen: Vec::new(),
            generation: 0,
            task: None,
        }
    }

    /// Returns the listing of the last decision, newest instance first.
    pub(super) fn seen(&self) -> &[PlatformInstance] {
        &self.seen
    }

    /// Reconciles once.
    pub(super) async fn work(&mut self, wish: &Wish) -> Round {
        match self.round(wish).await {
            Ok(round) => {
                if round == Round::Settled {
                    self.retry.reset();
                }
                self.context.board.note(self.id, Errors::worked);
                round
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
                self.not_yet(error, pause);
                Round::Again(pause)
            }
        }
    }

    /// Reports an error outside a rollout, and that a retry follows after a pause.
    pub(super) fn not_yet(&self, error: RunnerError, pause: Duration) {
        let now = self.context.machine.now();
        let note = |errors: &mut Errors| errors.failed(error.into(), now, after(now, pause));
        self.context.board.note(self.id, note);
    }

    async fn round(&mut self, wish: &Wish) -> Result<Round, RunnerError> {
        match wish {
            Wish::Untold => {
                self.look().await?;
                Ok(Round::Settled)
            }
            Wish::Absent => {
                self.reporter.clear();
                self.take_all_down(Round::Gone).await
            }
            Wish::Workload(workload) => {
                self.take_up(workload);
                match (workload.desired, &workload.release) {
                    (DesiredState::Running, Some(release)) => self.run(workload, release).await,
                    (DesiredState::Running | DesiredState::Stopped, _) => {
                        self.reporter.clear();
                        self.take_all_down(Round::Settled).await
                    }
                    (DesiredState::Deleted, _) => {
                        self.reporter.clear();
                        let round = self.take_all_down(Round::Gone).await?;
                        if round == Round::Gone {
                            // Otherwise a restart would start instances that the server has
                            // forgotten.
                            self.context.memory.kept().await;
                            self.reporter.removed(workload.generation);
                        }
                        Ok(round)
                    }
                }
            }
        }
    }

    /// Takes up a changed intent: crash counts and errors of the older one are void.
    ///
    /// Scaling keeps them. A crash loop is no better for more instances.
    fn take_up(&mut self, workload: &Workload) {
        if self.generation == workload.generation {
            return;
        }
        let task = Task::of(workload);
        if !task.only_scales(self.task) {
            self.crashes = Crashes::new(&self.context.timings);
            self.context.board.note(self.id, Errors::forget);
        }
        self.task = Some(task);
        self.generation = workload.generation;
        self.outcome = None;
    }

    async fn run(
        &mut self,
        workload: &Workload,
        release: &WorkloadRelease,
    ) -> Result<Round, RunnerError> {
        let outcome = self
            .outcome
            .filter(|outcome| {
                outcome.release_id == release.release_id
                    && outcome.generation == workload.generation
            })
            .map(|outcome| outcome.phase);
        match outcome {
            None if !release.live => self.attempt(workload.generation, release).await,
            Some(ReleasePhase::Failed) if !release.live => self.fall_back(release).await,
            Some(_) if !release.live => {
                // The server has not heard yet that the instances have their volumes.
                let mut release = release.clone();
                release.expect_all();
                self.keep(&release).await
            }
            _ => {
                self.reporter.clear();
                self.keep(release).await
            }
        }
    }

    /// Lists the platform, and starts log collection for every instance found.
    pub(super) async fn look(&mut self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let view = self.context.observer.fresh().await?;
        self.seen = view.of(self.id);
        self.logs.follow(&self.seen);
        self.crashes.keep_only(&self.seen);
        let seen = &self.seen;
        self.stopped
            .retain(|id| seen.iter().any(|one| one.key.instance_id == *id));
        Ok(self.seen.clone())
    }

    /// Requeues after an action whose effect should show soon.
    pub(super) fn again(&mut self) -> Round {
        Round::Again(self.retry.next())
    }

    /// Drops all state of a removed deployment.
    pub(super) fn forget(self) {
        self.context.board.forget(self.id);
        self.context.depot.forget(self.id);
    }
}

/// Returns `now` plus a pause.
pub(super) fn after(now: Timestamp, pause: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}
