//! The handle of one deployment: a reconciler's way to the agent and the server.

mod traffic;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use garde::Validate;
use models::{
    ReleaseId,
    deployment::{DesiredState, Failure, Progress, ReleasePhase},
    runner::{WorkloadId, WorkloadRelease},
    time::Timestamp,
    value::ImageDigest,
};
use tokio::sync::Notify;

use self::traffic::TrafficState;
use crate::{
    context::AgentContext,
    logs::Collectors,
    platform::{InstanceKey, PlatformInstance, Reconciler, RunnerError},
    reporter::Reporter,
    state::BegunAttempt,
    status::{Condition, Errors},
    sync::lock,
};

/// One deployment, as its reconciler and the agent share it.
pub struct DeploymentHandle<R> {
    pub(crate) id: WorkloadId,
    pub(crate) reporter: Reporter,
    context: Arc<AgentContext>,
    logs: Mutex<Collectors<R>>,
    /// Listing at the last decision, newest instance first.
    observed: Mutex<Vec<PlatformInstance>>,
    traffic: Mutex<TrafficState>,
    woken: Arc<Notify>,
}

impl<R: Reconciler> DeploymentHandle<R> {
    pub(crate) fn new(context: &Arc<AgentContext>, reconciler: &Arc<R>, id: WorkloadId) -> Self {
        Self {
            id,
            reporter: Reporter::new(Arc::clone(&context.outbox), id),
            context: Arc::clone(context),
            logs: Mutex::new(Collectors::new(Arc::clone(context), Arc::clone(reconciler))),
            observed: Mutex::default(),
            traffic: Mutex::default(),
            woken: Arc::default(),
        }
    }

    /// Returns the identity of the workload.
    pub const fn id(&self) -> WorkloadId {
        self.id
    }

    /// Lists its instances anew, newest first, and collects the lines of each.
    ///
    /// The agent reconciles again when a later listing differs from this one.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub async fn relist(&self) -> Result<Vec<PlatformInstance>, RunnerError> {
        let snapshot = self.context.informer.relist().await?;
        let observed = snapshot.of_workload(self.id);
        lock(&self.logs).follow(&observed);
        lock(&self.traffic).keep_only(&observed);
        lock(&self.observed).clone_from(&observed);
        Ok(observed)
    }

    /// True if these are the instances of the last decision.
    pub(crate) fn has_observed(&self, instances: &[PlatformInstance]) -> bool {
        lock(&self.observed).as_slice() == instances
    }

    /// Collects the lines of an instance that was just started, from the first one.
    pub fn follow_logs(&self, key: &InstanceKey) {
        lock(&self.logs).follow_new(key);
    }

    /// Reads the last lines of an instance that exited, before it is removed.
    pub async fn finish_logs(&self, key: &InstanceKey) {
        let collector = lock(&self.logs).remove(key);
        if let Some(collector) = collector {
            collector.finish(self.context.timings.log_drain).await;
        }
    }

    /// Adds a condition to an instance, which the platform's listing does not show.
    pub fn set_condition(&self, key: &InstanceKey, condition: Condition) {
        self.context.status.set_condition(key, condition);
    }

    /// Removes the condition of an instance; the platform's state alone counts again.
    pub fn clear_condition(&self, key: &InstanceKey) {
        self.context.status.clear_condition(key);
    }

    /// Reports the phase and progress of a release that is rolled out.
    pub fn report_phase(
        &self,
        release_id: ReleaseId,
        phase: ReleasePhase,
        image_digest: Option<&ImageDigest>,
        progress: Option<Progress>,
    ) {
        self.reporter
            .phase(release_id, phase, image_digest, progress);
    }

    /// Reports that a release failed. There is no further attempt until someone asks.
    pub fn report_failure(&self, release_id: ReleaseId, failure: Failure) {
        self.reporter.failed(release_id, failure);
    }

    /// Records that an attempt of a run begins, before its instance starts.
    ///
    /// When this returns, no restart of the runner begins it a second time.
    pub async fn begin_attempt(&self, number: u16) {
        let cache = &self.context.desired_cache;
        let at = self.context.host.now();
        let attempt = BegunAttempt {
            number,
            at,
            timed_out: false,
        };
        cache.begin_attempt(self.id, attempt);
        cache.persisted().await;
    }

    /// Records that the time of an attempt is over, before it is stopped.
    ///
    /// Otherwise, after a restart, an app that exits with code 0 when it is told to stop would
    /// seem to have succeeded.
    pub(crate) async fn time_out_attempt(&self, number: u16) {
        let cache = &self.context.desired_cache;
        let record = cache.attempt(self.id).filter(|one| one.number == number);
        let at = record.map_or_else(|| self.context.host.now(), |record| record.at);
        let attempt = BegunAttempt {
            number,
            at,
            timed_out: true,
        };
        cache.begin_attempt(self.id, attempt);
        cache.persisted().await;
    }

    /// Returns the newest attempt of a run that was begun.
    pub(crate) fn begun_attempt(&self) -> Option<BegunAttempt> {
        self.context.desired_cache.attempt(self.id)
    }

    /// Returns the release that was live before the current rollout, to go back to it.
    pub fn previous_release(&self) -> Option<WorkloadRelease> {
        let previous = self.context.desired_cache.previous(self.id.deployment_id)?;
        // It may come from the copy of a version with other validation rules.
        let holds = previous.desired == DesiredState::Running && previous.validate().is_ok();
        let release = previous.release.as_ref().filter(|release| release.live);
        release.filter(|_| holds).cloned()
    }

    /// Reports an error outside a rollout, and that a retry follows after a pause.
    pub fn record_retry(&self, error: RunnerError, pause: Duration) {
        let now = self.context.host.now();
        let note = |errors: &mut Errors| errors.set_failure(error.into(), now, plus(now, pause));
        self.context.status.update_errors(self.id, note);
    }

    /// Asks for another reconcile, as after an event that no listing shows.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Returns the means to [wake](Self::wake) it.
    pub(crate) fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.woken)
    }
}

/// Returns `now` plus a pause.
pub(crate) fn plus(now: Timestamp, pause: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
}
