//! Convergence of a live release: the wanted number of instances, and nothing else.

use models::{
    deployment::{Failure, FailureCode},
    runner::WorkloadRelease,
};
use tokio::time::Instant;
use tracing::{info, warn};

use super::{failure, recreate::requires_recreate, stop::keys, worker::Worker};
use crate::{
    deployment::plus,
    exit,
    platform::{
        Action, Health, HealthStatus, InstanceKey, InstancePlatform, PlatformInstance,
        PlatformState, RunnerError,
    },
    status::{Condition, Errors},
};

/// The next step for one instance.
#[derive(Clone, Copy, Debug)]
enum NextCheck {
    /// Nothing to do.
    None,
    /// Something was done that should show soon.
    Soon,
    /// Reconcile at this moment: a restart is due, or an error is over.
    At(Instant),
}

impl<P: InstancePlatform> Worker<P> {
    /// Brings the release to the wanted number of instances.
    pub(super) async fn converge(
        &mut self,
        release: &WorkloadRelease,
    ) -> Result<Action, RunnerError> {
        let present = self.refresh().await?;
        let (mut mine, others): (Vec<_>, Vec<_>) = present
            .into_iter()
            .partition(|instance| self.is_of(release, instance));
        // Prefer running instances, then older ones.
        mine.sort_by_key(|instance| (!instance.state.is_up(), instance.key.instance_id));
        let wanted = release.instance_count();
        let surplus = mine.split_off(mine.len().min(wanted));
        self.liveness.follow(&self.context, &release.spec, &mine);

        let mut wakeup = NextWakeup::default();
        // An instance that was asked to stop is on its way down, whatever its state says.
        let is_active = mine.iter().any(|instance| {
            !self.stopping.contains(&instance.key.instance_id)
                && (instance.state.is_up() || is_completed(release, instance))
        });
        let gone: Vec<_> = others.into_iter().chain(surplus).collect();
        let needs_recreate = requires_recreate(&release.spec, &gone);
        let is_missing = mine.len() < wanted;
        let routed = self.route(release, &mine, &gone).await;
        let mut digest = None;
        if needs_recreate && !is_active && !gone.is_empty() {
            // Keep running instances when the release that replaces them cannot run.
            self.check_spec(release)?;
            self.has_its_volumes(release).await?;
            if is_missing {
                digest = Some(self.ensure_image(release).await?.digest);
            }
        }
        if is_active || needs_recreate {
            self.candidates.clear();
            // An instance that may still get requests goes only if it must.
            if !gone.is_empty() && (routed.is_ok() || needs_recreate) {
                self.stop_instances(&keys(&gone)).await?;
                wakeup.add(NextCheck::Soon);
            }
        }
        for instance in &mine {
            wakeup.add(self.converge_instance(release, instance).await?);
        }
        if is_missing {
            self.check_spec(release)?;
            self.has_its_volumes(release).await?;
            let digest = match digest {
                Some(digest) => digest,
                None => self.ensure_image(release).await?.digest,
            };
            let missing = wanted.saturating_sub(mine.len());
            self.start_instances(release, &digest, missing, |_, _, _| {})
                .await?;
            wakeup.add(NextCheck::Soon);
        }
        routed?;
        Ok(match wakeup {
            NextWakeup { is_soon: true, .. } => Action::RequeueSoon,
            NextWakeup { at: Some(at), .. } => {
                Action::RequeueAfter(at.saturating_duration_since(Instant::now()))
            }
            NextWakeup { at: None, .. } => Action::AwaitChange,
        })
    }

    async fn converge_instance(
        &mut self,
        release: &WorkloadRelease,
        instance: &PlatformInstance,
    ) -> Result<NextCheck, RunnerError> {
        let key = instance.key;
        match instance.state {
            PlatformState::Running | PlatformState::Unhealthy => {
                self.crashes.record_running(key, Instant::now());
                self.context.agent.status.update_errors(self.id, |errors| {
                    errors.clear_instance_of(key.instance_id, &FailureCode::InstancePaused);
                });
                if let Some(reason) = self.liveness.failure(&key) {
                    warn!(
                        deployment.id = %key.deployment_id,
                        instance.id = %key.instance_id,
                        "the app failed its liveness probe; restarting it"
                    );
                    let failure = liveness_failure(release, reason);
                    self.stopping.insert(key.instance_id);
                    self.crashes.set_cause(key, failure.clone());
                    self.record_failure(key, failure, None);
                } else if !self.stopping.contains(&key.instance_id) {
                    return Ok(match unhealthy(instance) {
                        Some(health) => {
                            self.record_failure(key, failure::unhealthy(health), None);
                            NextCheck::None
                        }
                        None => self.record_health(key),
                    });
                }
                self.deployment.withdraw(&[key]).await;
                // Also when it is wanted again: its stop may be incomplete or complete.
                self.context.platform.stop(&key).await?;
                Ok(NextCheck::Soon)
            }
            PlatformState::Paused => {
                let now = self.context.agent.host.now();
                self.context.agent.status.update_errors(self.id, |errors| {
                    errors.instance_failed(key.instance_id, failure::paused(), now, None);
                });
                Ok(NextCheck::None)
            }
            PlatformState::Stopping => Ok(NextCheck::Soon),
            PlatformState::Changed => {
                warn!(
                    deployment.id = %key.deployment_id,
                    instance.id = %key.instance_id,
                    "the instance was changed from outside; replacing it"
                );
                self.stop_instances(&[key]).await?;
                Ok(NextCheck::Soon)
            }
            // A canceled start: perhaps not everything that the app needs is in place.
            PlatformState::Created => {
                self.stop_instances(&[key]).await?;
                Ok(NextCheck::Soon)
            }
            PlatformState::Exited { code, oom_killed }
                if is_completed(release, instance) && !self.stopping.contains(&key.instance_id) =>
            {
                self.context.agent.status.clear_condition(&key);
                if code != 0 {
                    let resources = &release.spec.resources;
                    let failure = exit::exited(exit::APP, code, oom_killed, resources, "");
                    self.record_failure(key, failure, None);
                }
                Ok(NextCheck::None)
            }
            PlatformState::Exited { code, oom_killed } => {
                self.check_spec(release)?;
                let exited = || {
                    let resources = &release.spec.resources;
                    exit::exited(
                        exit::APP,
                        code,
                        oom_killed,
                        resources,
                        failure::IS_STARTED_AGAIN,
                    )
                };
                self.restart(release, key, code, exited).await
            }
        }
    }

    /// Restarts an instance that exited, after a growing pause.
    async fn restart(
        &mut self,
        release: &WorkloadRelease,
        key: InstanceKey,
        code: i64,
        exited: impl FnOnce() -> Failure,
    ) -> Result<NextCheck, RunnerError> {
        let now = Instant::now();
        let (at, is_new) = self.crashes.record_exit(key, now);
        if is_new {
            info!(
                deployment.id = %key.deployment_id,
                instance.id = %key.instance_id,
                exit.code = code,
                pause_ms = at.saturating_duration_since(now).as_millis(),
                "the app exited; restarting it after a backoff"
            );
            let cause = self.crashes.cause(&key);
            match (self.crashes.crash_loop(&key), &cause) {
                (Some(restarts), _) => self
                    .context
                    .agent
                    .status
                    .set_condition(&key, Condition::CrashLoop { restarts }),
                (None, Some(_)) => self
                    .context
                    .agent
                    .status
                    .set_condition(&key, Condition::Restarting),
                (None, None) => self.context.agent.status.clear_condition(&key),
            }
            // An instance that was asked to stop and is wanted again did not crash.
            let is_asked = self.stopping.contains(&key.instance_id);
            if let Some(failure) = cause.or_else(|| (!is_asked).then(exited)) {
                self.record_failure(key, failure, Some(at));
            }
        }
        if at > now {
            return Ok(NextCheck::At(at));
        }
        self.has_its_volumes(release).await?;
        self.start_again(key).await
    }

    /// Reports an error of an instance, and the time of the next try.
    fn record_failure(&mut self, key: InstanceKey, failure: Failure, next: Option<Instant>) {
        let now = self.context.agent.host.now();
        let next = next.map(|at| plus(now, at.saturating_duration_since(Instant::now())));
        self.context.agent.status.update_errors(self.id, |errors| {
            errors.instance_failed(key.instance_id, failure, now, next);
        });
        self.crashes.set_reported(key, true);
    }

    /// Records that an instance is up; its error ends once it has been up long enough.
    fn record_health(&mut self, key: InstanceKey) -> NextCheck {
        match self.crashes.recovered_at(&key) {
            Some(at) if at > Instant::now() => NextCheck::At(at),
            Some(_) => {
                self.crashes.set_reported(key, false);
                let note = |errors: &mut Errors| errors.clear_instance(key.instance_id);
                self.context.agent.status.update_errors(self.id, note);
                NextCheck::None
            }
            None => NextCheck::None,
        }
    }

    async fn start_again(&mut self, key: InstanceKey) -> Result<NextCheck, RunnerError> {
        match self.context.platform.start(&key).await {
            Ok(()) => {
                self.stopping.remove(&key.instance_id);
                self.context.agent.status.clear_stopping(&key);
                let note = |errors: &mut Errors| {
                    errors.instance_restarted(key.instance_id, failure::after_restart);
                };
                self.context.agent.status.update_errors(self.id, note);
                self.crashes.record_restart(key, Instant::now());
                Ok(NextCheck::Soon)
            }
            Err(error) => {
                // The next reconcile creates a new one.
                self.stop_instances(&[key]).await?;
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
fn liveness_failure(release: &WorkloadRelease, reason: &str) -> Failure {
    let times = match release.spec.liveness_probe.failures {
        1 => String::new(),
        failures => format!(" {failures} times in a row"),
    };
    let message = format!(
        "The app failed its liveness probe{times}{}. Last failure: {}",
        failure::IS_STARTED_AGAIN,
        failure::sentence(reason)
    );
    failure::user(FailureCode::LivenessProbeFailed, message)
}

/// True if an instance exited and the restart policy leaves it so.
fn is_completed(release: &WorkloadRelease, instance: &PlatformInstance) -> bool {
    matches!(
        instance.state,
        PlatformState::Exited { code, .. } if !release.spec.restart.restarts(code)
    )
}

/// The earliest time of the next reconcile, over all instances.
#[derive(Debug, Default)]
struct NextWakeup {
    is_soon: bool,
    at: Option<Instant>,
}

impl NextWakeup {
    fn add(&mut self, next: NextCheck) {
        match next {
            NextCheck::None => {}
            NextCheck::Soon => self.is_soon = true,
            NextCheck::At(at) => self.at = Some(self.at.map_or(at, |other| other.min(at))),
        }
    }
}
