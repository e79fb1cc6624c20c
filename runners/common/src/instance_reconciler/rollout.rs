//! The rollout of a release that was never live, without harm to running instances.

use futures::future::try_join_all;
use models::{
    deployment::{Failure, FailureCode, Progress, ReleasePhase},
    runner::WorkloadRelease,
    value::ImageDigest,
};
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

use super::{
    stop::keys,
    verify::{Verification, VerifyError},
    worker::{RolloutOutcome, Worker},
};
use crate::{
    backoff::Backoff,
    platform::{Action, InstanceKey, InstancePlatform, PlatformInstance, RunnerError},
    status::Condition,
};

impl<P: InstancePlatform> Worker<P> {
    /// Rolls the release out, or returns the failure.
    pub(super) async fn roll_out(
        &mut self,
        generation: i64,
        release: &WorkloadRelease,
    ) -> Result<Action, RunnerError> {
        self.remove_stale_candidates(release).await?;
        let result = self.execute_rollout(generation, release).await;
        // Before the next await point: a canceled reconcile must not repeat a rollout that
        // ended.
        self.outcome = Some(RolloutOutcome {
            generation,
            release_id: release.release_id,
            phase: match result {
                Ok(()) => ReleasePhase::Live,
                Err(_) => ReleasePhase::Failed,
            },
        });
        if let Err(failure) = result {
            self.fail_rollout(release, failure).await;
        }
        // The next reconcile converges the release that should stay.
        Ok(Action::RequeueAfter(std::time::Duration::ZERO))
    }

    async fn execute_rollout(
        &mut self,
        generation: i64,
        release: &WorkloadRelease,
    ) -> Result<(), Failure> {
        self.check_spec(release)?;
        let mut others = self.running_instances(release).await?;
        let is_to_start = others.is_empty();
        if is_to_start {
            self.has_its_volumes(release).await?;
        }
        let digest = match &release.image_digest {
            Some(digest) if !is_to_start => digest.clone(),
            _ => {
                let (ready, source) = self.resolve_image(release).await?;
                self.deployment
                    .reporter
                    .set_image_source(release.release_id, source);
                ready.digest
            }
        };
        if is_to_start {
            // Pulling may have taken long, and the running instances stop now.
            self.has_its_volumes(release).await?;
        }
        self.stop_before_start(release).await?;
        let first = if let Some(running) = others.pop() {
            running
        } else {
            self.report_phase(release, ReleasePhase::Starting, Some(&digest), None);
            self.start_candidate(release, &digest).await?
        };
        let ready = self.verify_all(release, &digest, first, others).await?;
        let verified = self.last_listed(&ready);
        self.deployment.check_traffic(release, &verified).await?;

        for key in &ready {
            self.context.agent.status.clear_condition(key);
        }
        self.candidates.clear();
        self.report_phase(release, ReleasePhase::Switching, Some(&digest), None);
        self.deployment
            .go_live(generation, release, &digest, &verified)
            .await?;
        self.retire_others(&ready).await;
        self.report_phase(release, ReleasePhase::Live, Some(&digest), None);
        Ok(())
    }

    /// Starts and verifies as many instances as are wanted.
    ///
    /// One goes first, so that a broken app is not started fifty times. The rest follow
    /// together.
    async fn verify_all(
        &mut self,
        release: &WorkloadRelease,
        digest: &ImageDigest,
        first: InstanceKey,
        mut others: Vec<InstanceKey>,
    ) -> Result<Vec<InstanceKey>, Failure> {
        // A listing tells if the image has a health check.
        self.refresh().await?;
        let verification = Verification::of(&self.context, &release.spec, &first);
        let progress = verification.progress(&self.context);
        self.report_phase(
            release,
            ReleasePhase::Verifying,
            Some(digest),
            Some(progress),
        );
        let first = self
            .verify_first(release, digest, first, verification)
            .await?;

        let (there, wanted) = (others.len() + 1, release.instance_count());
        let missing = wanted.saturating_sub(there);
        let then = |worker: &Self, key: &_, more| {
            worker
                .context
                .agent
                .status
                .set_condition(key, Condition::Verifying);
            let message = format!("Started {} of {wanted} instances", there + more);
            worker.report_progress(release, digest, message);
        };
        others.extend(self.start_instances(release, digest, missing, then).await?);
        // They get as long as the first one did.
        let until = Instant::now() + verification.limit(&self.context);
        let context = &self.context;
        let waits = others
            .iter()
            .map(|key| verification.wait(context, key, until));
        try_join_all(waits)
            .await
            .map_err(VerifyError::into_failure)?;
        others.push(first);
        Ok(others)
    }

    async fn start_candidate(
        &mut self,
        release: &WorkloadRelease,
        digest: &ImageDigest,
    ) -> Result<InstanceKey, RunnerError> {
        let started = self
            .start_instances(release, digest, 1, |_, _, _| {})
            .await?;
        let [key] = started[..] else {
            return Err(RunnerError::platform(
                FailureCode::Internal,
                "The runner started an unexpected number of instances. Deploy again.",
            ));
        };
        Ok(key)
    }

    /// Returns the first verified instance.
    ///
    /// An instance that exits is replaced a few times: the app may have waited for a
    /// dependency.
    async fn verify_first(
        &mut self,
        release: &WorkloadRelease,
        digest: &ImageDigest,
        mut key: InstanceKey,
        verification: Verification<'_>,
    ) -> Result<InstanceKey, Failure> {
        let until = Instant::now() + verification.limit(&self.context);
        let starts = self.context.agent.timings.starts;
        let mut pause = Backoff::new(
            self.context.agent.timings.restart_first,
            self.context.agent.timings.restart_max,
        );
        for start in 1.. {
            self.context
                .agent
                .status
                .set_condition(&key, Condition::Verifying);
            match verification.wait(&self.context, &key, until).await {
                Ok(()) => break,
                Err(VerifyError::Exited(_)) if start < starts => {
                    let message =
                        format!("The app exited; restarting it (attempt {start} of {starts})");
                    self.report_progress(release, digest, message);
                    self.stop_instances(&[key]).await?;
                    sleep(pause.next()).await;
                    key = self.start_candidate(release, digest).await?;
                }
                Err(VerifyError::Exited(mut failure)) => {
                    if starts > 1 {
                        let tries = format!("Failed after {starts} attempts. ");
                        failure.message.insert_str(0, &tries);
                    }
                    return Err(failure);
                }
                Err(VerifyError::Failed(failure)) => return Err(failure),
            }
        }
        Ok(key)
    }

    /// Returns running instances of the release, as after a restart of the runner.
    ///
    /// All other instances of the release are leftovers of a canceled rollout.
    async fn running_instances(
        &mut self,
        release: &WorkloadRelease,
    ) -> Result<Vec<InstanceKey>, RunnerError> {
        let mut mine = self.refresh().await?;
        self.restore_traffic(&mine).await;
        mine.retain(|instance| instance.key.release_id == release.release_id);
        let (running, mut left): (Vec<_>, Vec<_>) = mine
            .into_iter()
            .partition(|instance| instance.state.is_up() && self.is_of(release, instance));
        let mut running = running;
        left.extend(running.drain(running.len().min(release.instance_count())..));
        self.stop_instances(&keys(&left)).await?;
        let running = keys(&running);
        self.candidates.clone_from(&running);
        Ok(running)
    }

    /// Returns these instances as the newest listing shows them.
    fn last_listed(&self, keys: &[InstanceKey]) -> Vec<PlatformInstance> {
        let snapshots = self.context.agent.informer.snapshots();
        let snapshot = snapshots.borrow();
        let listed = keys.iter().filter_map(|key| snapshot.get(key));
        listed.cloned().collect()
    }

    /// Drains and stops the older instances, after the switch.
    async fn retire_others(&mut self, ready: &[InstanceKey]) {
        let limit = self.context.agent.timings.switch_timeout;
        let gone = async {
            let mut others = keys(&self.refresh().await?);
            others.retain(|other| !ready.contains(other));
            if !others.is_empty() {
                // Otherwise a restart could bring them back.
                self.deployment.live_saved().await;
            }
            self.stop_instances(&others).await
        };
        // The release is live even if old instances stay for a while: some take minutes to
        // stop. The next reconciles see to them.
        let gone = timeout(limit, gone).await;
        if let Ok(Err(error)) = gone {
            warn!(
                deployment.id = %self.id,
                %error.code,
                error = %error,
                source = ?error.source,
                "failed to remove an older instance; retrying later"
            );
        }
    }

    async fn fail_rollout(&mut self, release: &WorkloadRelease, failure: Failure) {
        // Report first: an app that hangs may take long to stop.
        self.deployment.reporter.failed(release.release_id, failure);
        if let Err(error) = self.remove_failed_rollout(release.release_id).await {
            warn!(
                deployment.id = %self.id,
                %error.code,
                error = %error,
                "failed to remove a failed instance; retrying later"
            );
        }
    }

    /// Removes candidates of another release, whose rollout this one superseded.
    async fn remove_stale_candidates(
        &mut self,
        release: &WorkloadRelease,
    ) -> Result<(), RunnerError> {
        let mut others = self.candidates.clone();
        others.retain(|key| key.release_id != release.release_id);
        self.stop_instances(&others).await?;
        self.candidates.clear();
        Ok(())
    }

    fn report_progress(&self, release: &WorkloadRelease, digest: &ImageDigest, message: String) {
        let progress = Progress {
            message,
            done_bytes: None,
            total_bytes: None,
        };
        self.report_phase(
            release,
            ReleasePhase::Verifying,
            Some(digest),
            Some(progress),
        );
    }

    fn report_phase(
        &self,
        release: &WorkloadRelease,
        phase: ReleasePhase,
        image_digest: Option<&ImageDigest>,
        progress: Option<Progress>,
    ) {
        self.deployment
            .reporter
            .phase(release.release_id, phase, image_digest, progress);
    }
}
