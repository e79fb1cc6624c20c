//! Convergence of a live release: the wanted number of instances, and nothing else.

use models::{deployment::Failure, runner::WorkloadRelease};
use tokio::time::Instant;
use tracing::{info, warn};

use super::{
    Round, failure,
    make_room::must_be_alone,
    take_down::keys,
    worker::{Worker, after},
};
use crate::{
    board::{Errors, Mark},
    runner::{
        Health, HealthStatus, InstanceKey, PlatformInstance, PlatformState, Runner, RunnerError,
    },
};

/// The next step for one instance.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Nothing to do.
    Nothing,
    /// Something was done that should show soon.
    Look,
    /// Reconcile at this moment: a restart is due, or an error is over.
    At(Instant),
}

impl<R: Runner> Worker<R> {
    /// Brings the release to the wanted number of instances.
    pub(super) async fn keep(&mut self, release: &WorkloadRelease) -> Result<Round, RunnerError> {
        let present = self.look().await?;
        let (mut mine, others): (Vec<_>, Vec<_>) = present
            .into_iter()
            .partition(|instance| instance.key.release_id == release.release_id);
        // Prefer running instances, then older ones.
        mine.sort_by_key(|instance| (!instance.state.is_up(), instance.key.instance_id));
        let wanted = release.instance_count();
        let surplus = mine.split_off(mine.len().min(wanted));
        self.liveness.follow(&self.context, &release.spec, &mine);

        let mut round = Pace::default();
        // An instance that was asked to stop is on its way down, whatever its state says.
        let stands = mine.iter().any(|instance| {
            !self.stopped.contains(&instance.key.instance_id)
                && (instance.state.is_up() || is_done(release, instance))
        });
        let gone: Vec<_> = others.into_iter().chain(surplus).collect();
        let is_alone = must_be_alone(&release.spec, &gone);
        let is_missing = mine.len() < wanted;
        let mut digest = None;
        if is_alone && !stands && !gone.is_empty() {
            // Keep running instances when the release that replaces them cannot run.
            self.is_allowed(release)?;
            self.has_its_volumes(release).await?;
            if is_missing {
                digest = Some(self.get_image(release).await?.digest);
            }
        }
        if stands || is_alone {
            self.trials.clear();
            if !gone.is_empty() {
                self.take_down(&keys(&gone)).await?;
                round.add(Next::Look);
            }
        }
        for instance in &mine {
            round.add(self.keep_one(release, instance).await?);
        }
        if is_missing {
            self.is_allowed(release)?;
            self.has_its_volumes(release).await?;
            let digest = match digest {
                Some(digest) => digest,
                None => self.get_image(release).await?.digest,
            };
            let missing = wanted.saturating_sub(mine.len());
            self.start_instances(release, &digest, missing, |_, _, _| {})
                .await?;
            round.add(Next::Look);
        }
        Ok(match round {
            Pace { looks: true, .. } => self.again(),
            Pace { at: Some(at), .. } => Round::Again(at.saturating_duration_since(Instant::now())),
            Pace { at: None, .. } => Round::Settled,
        })
    }

    async fn keep_one(
        &mut self,
        release: &WorkloadRelease,
        instance: &PlatformInstance,
    ) -> Result<Next, RunnerError> {
        let key = instance.key;
        match instance.state {
            PlatformState::Running | PlatformState::Unhealthy => {
                self.crashes.up(key, Instant::now());
                if let Some(complaint) = self.liveness.complaint(&key) {
                    warn!(
                        deployment.id = %key.deployment_id,
                        instance.id = %key.instance_id,
                        "the app does not answer its liveness probe; it is started again"
                    );
                    let failure = sick(release, complaint);
                    self.stopped.insert(key.instance_id);
                    self.crashes.blame(key, failure.clone());
                    self.went_wrong(key, failure, None);
                } else if !self.stopped.contains(&key.instance_id) {
                    return Ok(match unhealthy(instance) {
                        Some(health) => {
                            self.went_wrong(key, failure::unhealthy(health), None);
                            Next::Nothing
                        }
                        None => self.goes_well(key),
                    });
                }
                // Also when it is wanted again: its stop may be incomplete or complete.
                self.context.runner.stop(&key).await?;
                Ok(Next::Look)
            }
            PlatformState::Stopping => Ok(Next::Look),
            PlatformState::Changed => {
                warn!(
                    deployment.id = %key.deployment_id,
                    instance.id = %key.instance_id,
                    "the instance is not as it was made; another one is made in its place"
                );
                self.take_down(&[key]).await?;
                Ok(Next::Look)
            }
            // A canceled start: perhaps not everything that the app needs is in place.
            PlatformState::Created => {
                self.take_down(&[key]).await?;
                Ok(Next::Look)
            }
            PlatformState::Exited { code, oom_killed }
                if is_done(release, instance) && !self.stopped.contains(&key.instance_id) =>
            {
                self.context.board.unmark(&key);
                if code != 0 {
                    let resources = &release.spec.resources;
                    let failure = failure::ended(code, oom_killed, resources, "");
                    self.went_wrong(key, failure, None);
                }
                Ok(Next::Nothing)
            }
            PlatformState::Exited { code, oom_killed } => {
                self.is_allowed(release)?;
                let ended = || {
                    let resources = &release.spec.resources;
                    failure::ended(code, oom_killed, resources, failure::IS_STARTED_AGAIN)
                };
                self.restart(release, key, code, ended).await
            }
        }
    }

    /// Restarts an instance that exited, after a growing pause.
    async fn restart(
        &mut self,
        release: &WorkloadRelease,
        key: InstanceKey,
        code: i64,
        ended: impl FnOnce() -> Failure,
    ) -> Result<Next, RunnerError> {
        let now = Instant::now();
        let (at, is_new) = self.crashes.ended(key, now);
        if is_new {
            info!(
                deployment.id = %key.deployment_id,
                instance.id = %key.instance_id,
                exit.code = code,
                pause_ms = at.saturating_duration_since(now).as_millis(),
                "the app ended; it is started again after a pause"
            );
            let cause = self.crashes.cause(&key);
            match (self.crashes.crash_loop(&key), &cause) {
                (Some(restarts), _) => self.context.board.mark(&key, Mark::CrashLoop { restarts }),
                (None, Some(_)) => self.context.board.mark(&key, Mark::Restarting),
                (None, None) => self.context.board.unmark(&key),
            }
            // An instance that was asked to stop and is wanted again did not crash.
            let is_asked = self.stopped.contains(&key.instance_id);
            if let Some(failure) = cause.or_else(|| (!is_asked).then(ended)) {
                self.went_wrong(key, failure, Some(at));
            }
        }
        if at > now {
            return Ok(Next::At(at));
        }
        self.has_its_volumes(release).await?;
        self.start_again(key).await
    }

    /// Reports an error of an instance, and the time of the next try.
    fn went_wrong(&mut self, key: InstanceKey, failure: Failure, next: Option<Instant>) {
        let now = self.context.machine.now();
        let next = next.map(|at| after(now, at.saturating_duration_since(Instant::now())));
        self.context.board.note(self.id, |errors| {
            errors.instance_failed(key.instance_id, failure, now, next);
        });
        self.crashes.tell(key, true);
    }

    /// Records that an instance is up; its error ends once it has been up long enough.
    fn goes_well(&mut self, key: InstanceKey) -> Next {
        match self.crashes.over_at(&key) {
            Some(at) if at > Instant::now() => Next::At(at),
            Some(_) => {
                self.crashes.tell(key, false);
                let note = |errors: &mut Errors| errors.instance_works(key.instance_id);
                self.context.board.note(self.id, note);
                Next::Nothing
            }
            None => Next::Nothing,
        }
    }

    async fn start_again(&mut self, key: InstanceKey) -> Result<Next, RunnerError> {
        match self.context.runner.start(&key).await {
            Ok(()) => {
                self.stopped.remove(&key.instance_id);
                self.context.board.runs_again(&key);
                let note = |errors: &mut Errors| {
                    errors.instance_restarted(key.instance_id, failure::after_restart);
                };
                self.context.board.note(self.id, note);
                self.crashes.restarted(key, Instant::now());
                Ok(Next::Look)
            }
            Err(error) => {
                // The next reconcile creates a new one.
                self.take_down(&[key]).await?;
                Err(error)
            }
        }
    }
}

/// Returns the health check's result if it is unhealthy.
fn unhealthy(instance: &PlatformInstance) -> Option<&Health> {
    let health = instance.health.as_ref();
    health.filter(|health| health.status == HealthStatus::Unhealthy)
}

/// The failure of an instance that fails its liveness probe.
fn sick(release: &WorkloadRelease, complaint: &str) -> Failure {
    let times = match release.spec.liveness_probe.failures {
        1 => String::new(),
        failures => format!(" {failures} times in a row"),
    };
    let message = format!(
        "The app failed its liveness probe{times}{}. The last time: {}",
        failure::IS_STARTED_AGAIN,
        failure::sentence(complaint)
    );
    failure::user("liveness_probe_failed", message)
}

/// True if an instance exited and the restart policy leaves it so.
fn is_done(release: &WorkloadRelease, instance: &PlatformInstance) -> bool {
    matches!(
        instance.state,
        PlatformState::Exited { code, .. } if !release.spec.restart.restarts(code)
    )
}

/// The earliest time of the next reconcile, over all instances.
#[derive(Debug, Default)]
struct Pace {
    looks: bool,
    at: Option<Instant>,
}

impl Pace {
    fn add(&mut self, next: Next) {
        match next {
            Next::Nothing => {}
            Next::Look => self.looks = true,
            Next::At(at) => self.at = Some(self.at.map_or(at, |other| other.min(at))),
        }
    }
}
