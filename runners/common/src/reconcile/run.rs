//! Runs: attempts, one after the other, until one exits with code 0.
//!
//! An attempt is an instance that is started once. Ended ones stay on the platform until the
//! server has the result, so a restarted runner reads it from there. What the platform cannot
//! show, that an attempt was begun and its instance is gone, is saved before the start: a
//! migration must not run twice because someone removed its container.

mod newest;

use std::{sync::Arc, time::Duration};

use models::{
    ReleaseId,
    deployment::{Failure, FailureCode, Fault, Resources},
    run::{RunAttempt, RunPhase},
    runner::{Workload, WorkloadRelease, WorkloadRun},
    value::ImageDigest,
};
use tokio::time::Instant;
use tracing::{info, warn};

use self::newest::{Newest, newest, number_of};
use crate::{
    backoff::Backoff,
    context::AgentContext,
    deployment::DeploymentHandle,
    exit,
    platform::{
        Action, AttemptKey, InstanceKey, InstanceNetwork, PlatformInstance, PlatformState,
        Reconciler, RunnerError,
    },
};

/// State of a run between two reconciles.
pub(super) struct RunWorker<R> {
    context: Arc<AgentContext>,
    deployment: Arc<DeploymentHandle<R>>,
    attempts: Vec<RunAttempt>,
    image_digest: Option<ImageDigest>,
    /// The time that the newest attempt has taken.
    stopwatch: Option<Stopwatch>,
    /// The reason why an attempt without an instance has failed.
    not_started: Option<(u16, Failure)>,
    end: Option<RunEnd>,
}

/// The time that an attempt has taken.
///
/// While the process lives, only the monotonic clock counts: someone may set the host's.
#[derive(Clone, Copy, Debug)]
struct Stopwatch {
    number: u16,
    /// The time before this process first saw the attempt.
    before: Duration,
    since: Instant,
}

#[derive(Clone, Debug)]
enum RunEnd {
    Succeeded,
    Failed(Failure),
}

/// The outcome of an attempt.
enum Outcome {
    Running,
    Succeeded,
    Failed(Failure),
    /// It failed, and another attempt would fail alike.
    Final(Failure),
}

impl<R: Reconciler> RunWorker<R> {
    pub(super) const fn new(
        context: Arc<AgentContext>,
        deployment: Arc<DeploymentHandle<R>>,
    ) -> Self {
        Self {
            context,
            deployment,
            attempts: Vec::new(),
            image_digest: None,
            stopwatch: None,
            not_started: None,
            end: None,
        }
    }

    /// Brings the run closer to its end.
    pub(super) async fn reconcile(
        &mut self,
        (reconciler, worker): (&R, &mut R::Worker),
        workload: &Workload,
        run: &WorkloadRun,
    ) -> Result<Action, RunnerError> {
        let Some(release) = &workload.release else {
            return Ok(Action::AwaitChange);
        };
        if !self.context.capabilities.runs {
            return Err(RunnerError::no_runs());
        }
        let network = self.context.network_of(workload);
        let network = network.as_ref();
        let present = self.deployment.relist().await?;
        self.observe(&present);
        if self.end.is_some() {
            return Ok(self.report_end());
        }
        let begun = self.begun().max(run.attempts_begun);
        let (number, failure) = match newest(&present, begun) {
            Newest::None => {
                let key = self.key(run, release.release_id, 1);
                return self
                    .attempt((reconciler, worker), (release, network), key, 1)
                    .await;
            }
            Newest::Unstarted(number, instance) => {
                // Its start may be under way, so this very instance is started, not another.
                let key = if begun >= number {
                    instance.key
                } else {
                    self.key(run, release.release_id, number)
                };
                return self
                    .attempt((reconciler, worker), (release, network), key, number)
                    .await;
            }
            Newest::Present(number, instance) => {
                match self
                    .outcome(reconciler, run, release, (number, instance))
                    .await
                {
                    Outcome::Running => {
                        return self
                            .watch(reconciler, worker, run, (number, instance))
                            .await;
                    }
                    Outcome::Succeeded => return Ok(self.end(RunEnd::Succeeded)),
                    Outcome::Final(failure) => return Ok(self.end(RunEnd::Failed(failure))),
                    Outcome::Failed(failure) => (number, failure),
                }
            }
            Newest::Gone(number) => match &self.not_started {
                Some((of, failure)) if *of == number => (number, failure.clone()),
                // It may have done its work, so no other attempt follows by itself.
                _ => return Ok(self.end(RunEnd::Failed(removed()))),
            },
        };
        if number >= run.terms.attempts() {
            return Ok(self.end(RunEnd::Failed(failure)));
        }
        let pause = self.pause_before_next(number);
        if !pause.is_zero() {
            self.report(RunPhase::Starting);
            return Ok(Action::RequeueAfter(pause));
        }
        let key = self.key(run, release.release_id, number + 1);
        self.attempt((reconciler, worker), (release, network), key, number + 1)
            .await
    }

    /// Returns the number of the newest attempt on record; 0 if there is none.
    fn begun(&self) -> u16 {
        let begun = self.deployment.begun_attempt();
        begun.map_or(0, |attempt| attempt.number)
    }

    /// Starts the attempt with this number, as this instance.
    async fn attempt(
        &mut self,
        (reconciler, worker): (&R, &mut R::Worker),
        (release, network): (&WorkloadRelease, Option<&InstanceNetwork>),
        key: InstanceKey,
        number: u16,
    ) -> Result<Action, RunnerError> {
        self.report(RunPhase::Pulling);
        let mut release = release.clone();
        if release.image_digest.is_none() {
            // All attempts run one image, even if its tag moves between them.
            release.image_digest.clone_from(&self.image_digest);
        }
        let started = reconciler.start_attempt(worker, &key, &release, network);
        match started.await {
            Ok(digest) => self.image_digest = Some(digest),
            Err(error) => return Ok(self.not_started(number, error).await),
        }
        self.stopwatch = Some(Stopwatch {
            number,
            before: Duration::ZERO,
            since: Instant::now(),
        });
        self.deployment.follow_logs(&key);
        info!(
            deployment.id = %key.deployment_id,
            run.id = ?key.workload_id().run_id,
            run.attempt = number,
            instance.id = %key.instance_id,
            "started an attempt of a run"
        );
        Ok(Action::RequeueAfter(Duration::ZERO))
    }

    /// Handles an attempt that could not be started.
    ///
    /// A fault of the settings, such as a program that the image does not have, ends the run:
    /// another attempt would fail alike. So does a failure before the attempt counted as begun,
    /// for the platform was tried a few times then.
    async fn not_started(&mut self, number: u16, error: RunnerError) -> Action {
        warn!(
            deployment.id = %self.deployment.id().deployment_id,
            run.attempt = number,
            %error.code,
            error = %error,
            source = ?error.source,
            "failed to start an attempt of a run"
        );
        let failure = Failure::from(error);
        if failure.fault == Fault::User || self.begun() < number {
            return self.end(RunEnd::Failed(failure));
        }
        // Only a listing proves that it did not start: the answer may have been lost.
        let present = self.deployment.relist().await;
        let is_it = |one: &PlatformInstance| number_of(one) == Some(number);
        if present.is_ok_and(|present| !present.iter().any(is_it)) {
            self.not_started = Some((number, failure));
        }
        Action::RequeueSoon
    }

    /// Reports a running attempt, and stops it once its time is over.
    async fn watch(
        &mut self,
        reconciler: &R,
        worker: &mut R::Worker,
        run: &WorkloadRun,
        (number, instance): (u16, &PlatformInstance),
    ) -> Result<Action, RunnerError> {
        self.report(RunPhase::Running);
        let limit = Duration::from_millis(run.terms.timeout_ms.unsigned_abs());
        let left = limit.saturating_sub(self.elapsed(number));
        if !left.is_zero() {
            return Ok(Action::RequeueAfter(left));
        }
        self.deployment.time_out_attempt(number).await;
        reconciler.stop_attempt(worker, &instance.key).await?;
        Ok(Action::RequeueSoon)
    }

    /// Returns the time that an attempt has taken.
    ///
    /// One that an earlier process began is measured by the host's clock up to the first sight
    /// of it. Without a record of its beginning, as on a host that keeps no state, it counts
    /// from there.
    fn elapsed(&mut self, number: u16) -> Duration {
        let known = self.stopwatch.filter(|known| known.number == number);
        let stopwatch = known.unwrap_or_else(|| {
            let record = self.deployment.begun_attempt();
            let record = record.filter(|record| record.number == number);
            let before_ms = record.map_or(0, |it| self.context.now().millis_since(it.at));
            Stopwatch {
                number,
                before: Duration::from_millis(before_ms.max(0).unsigned_abs()),
                since: Instant::now(),
            }
        });
        self.stopwatch = Some(stopwatch);
        stopwatch.before + stopwatch.since.elapsed()
    }

    /// Returns the outcome of an attempt.
    async fn outcome(
        &self,
        reconciler: &R,
        run: &WorkloadRun,
        release: &WorkloadRelease,
        (number, instance): (u16, &PlatformInstance),
    ) -> Outcome {
        let PlatformState::Exited { code, oom_killed } = instance.state else {
            return Outcome::Running;
        };
        let record = self.deployment.begun_attempt();
        if record.is_some_and(|record| record.number == number && record.timed_out) {
            return Outcome::Failed(too_late(run));
        }
        if code == 0 {
            return Outcome::Succeeded;
        }
        match reconciler.explain_exit(&instance.key, code).await {
            Some(error) if error.fault == Fault::User => Outcome::Final(error.into()),
            Some(error) => Outcome::Failed(error.into()),
            None => {
                let resources: &Resources = &release.spec.resources;
                Outcome::Failed(exit::exited(exit::TASK, code, oom_killed, resources, ""))
            }
        }
    }

    /// Returns the rest of the pause after a failed attempt; it doubles with each.
    fn pause_before_next(&self, number: u16) -> Duration {
        let ended_at = self.attempts.last().and_then(|last| last.ended_at);
        let Some(ended_at) = ended_at else {
            return Duration::ZERO;
        };
        let timings = self.context.timings();
        let mut backoff = Backoff::new(timings.restart_first, timings.restart_max);
        let pause = (1..number).fold(backoff.next(), |_, _| backoff.next());
        let elapsed_ms = self.context.now().millis_since(ended_at);
        if elapsed_ms < 0 {
            // The clock was set back; the pause would begin anew until it catches up.
            return Duration::ZERO;
        }
        pause.saturating_sub(Duration::from_millis(elapsed_ms.unsigned_abs()))
    }

    fn key(&self, run: &WorkloadRun, release_id: ReleaseId, number: u16) -> InstanceKey {
        let deployment_id = self.deployment.id().deployment_id;
        InstanceKey {
            attempt: Some(AttemptKey {
                run_id: run.run_id,
                number,
            }),
            ..self.context.new_instance(deployment_id, release_id)
        }
    }

    /// Adds what a listing shows of the attempts.
    fn observe(&mut self, present: &[PlatformInstance]) {
        let now = self.context.now();
        for instance in present {
            let Some(AttemptKey { number, .. }) = instance.key.attempt else {
                continue;
            };
            let known = self.attempts.iter().find(|one| one.number == number);
            let known_end = known.and_then(|known| known.ended_at);
            self.attempts.retain(|one| one.number != number);
            let end = match instance.state {
                PlatformState::Created => continue,
                PlatformState::Exited { code, oom_killed } => Some((code, oom_killed)),
                _ => None,
            };
            self.attempts.push(RunAttempt {
                number,
                instance_id: instance.key.instance_id,
                started_at: instance.started_at,
                ended_at: end.map(|_| known_end.unwrap_or(now)),
                exit_code: end.map(|(code, _)| code),
                oom_killed: end.is_some_and(|(_, oom_killed)| oom_killed),
            });
        }
        self.attempts.sort_by_key(|attempt| attempt.number);
    }

    fn end(&mut self, end: RunEnd) -> Action {
        self.end = Some(end);
        self.report_end()
    }

    fn report_end(&self) -> Action {
        match &self.end {
            Some(RunEnd::Failed(failure)) => {
                self.send(RunPhase::Failed, Some(failure.clone()));
            }
            Some(RunEnd::Succeeded) => self.send(RunPhase::Succeeded, None),
            None => {}
        }
        Action::AwaitChange
    }

    fn report(&self, phase: RunPhase) {
        self.send(phase, None);
    }

    fn send(&self, phase: RunPhase, failure: Option<Failure>) {
        let digest = self.image_digest.as_ref();
        let reporter = &self.deployment.reporter;
        reporter.run(phase, &self.attempts, digest, failure);
    }
}

fn too_late(run: &WorkloadRun) -> Failure {
    let limit = run.terms.timeout_ms / 1_000;
    Failure {
        fault: Fault::User,
        code: FailureCode::RunTimeout,
        message: format!(
            "The attempt did not end within its limit of {limit} s, so it was stopped."
        ),
    }
}

fn removed() -> Failure {
    Failure {
        fault: Fault::Platform,
        code: FailureCode::InstanceRemoved,
        message: "The instance of this attempt is gone, so its result is unknown. Someone removed \
                  it on the runner's host, or the runner lost its state."
            .to_owned(),
    }
}
