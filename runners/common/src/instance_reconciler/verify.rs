//! Verification of new instances.

use std::time::Duration;

use models::{
    deployment::{Failure, FailureCode, Probe, Progress, Resources},
    runner::RunnerSpec,
};
use tokio::time::{Instant, sleep, sleep_until};

use super::{context::Context, failure, probe};
use crate::{
    backoff::Backoff,
    exit,
    informer::Snapshot,
    platform::{Health, HealthStatus, InstanceKey, InstancePlatform, PlatformState},
    timings::Timings,
};

/// Advice for an app that exits with success but should run forever.
const JOB: &str =
    " If the app is a job that exits when done, set its restart policy to never or on_failure.";

/// The check that a new instance must pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verification<'spec> {
    criterion: Criterion<'spec>,
    spec: &'spec RunnerSpec,
}

#[derive(Clone, Copy, Debug)]
enum Criterion<'spec> {
    /// Its startup probe succeeds.
    Probe(&'spec Probe),
    /// Its image's health check reports healthy within this time.
    HealthCheck(Duration),
    /// Something answers HTTP on this port.
    Port(u16),
    /// It stays up for a minimum time.
    MinUptime,
}

/// Reasons why an instance failed verification.
#[derive(Debug)]
pub(super) enum VerifyError {
    /// It exited; another instance may do better.
    Exited(Failure),
    /// Its time is up, or another try is of no use.
    Failed(Failure),
}

impl VerifyError {
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::Exited(failure) | Self::Failed(failure) => failure,
        }
    }
}

impl<'spec> Verification<'spec> {
    /// Chooses the check for an instance that was just started.
    pub(super) fn of<P>(context: &Context<P>, spec: &'spec RunnerSpec, key: &InstanceKey) -> Self {
        let snapshots = context.agent.informer.snapshots();
        let limit = health(&snapshots.borrow(), key).map(|health| health.limit);
        let limit = limit.map(|limit| limit.min(context.agent.timings.health_check_timeout));
        let criterion = match (spec.startup_probe.question(), limit, spec.http_port()) {
            (Some(_), _, _) => Criterion::Probe(&spec.startup_probe),
            (None, Some(limit), _) => Criterion::HealthCheck(limit),
            (None, None, Some(port)) => Criterion::Port(port),
            (None, None, None) => Criterion::MinUptime,
        };
        Self { criterion, spec }
    }

    /// Returns the time limit, over all starts of an instance.
    pub(super) fn limit<P>(self, context: &Context<P>) -> Duration {
        let usual = context.agent.timings.verify_timeout;
        match self.criterion {
            Criterion::HealthCheck(limit) => limit.max(usual),
            _ => usual,
        }
    }

    /// Describes the check in progress, for people.
    pub(super) fn progress<P>(self, context: &Context<P>) -> Progress {
        let message = match self.criterion {
            Criterion::Probe(_) => "Waiting for the startup probe".to_owned(),
            Criterion::HealthCheck(_) => "Waiting for the image's health check".to_owned(),
            Criterion::Port(port) => format!("Waiting for port {port} to answer"),
            Criterion::MinUptime => format!(
                "Waiting {} s to check that it stays up",
                context.agent.timings.min_uptime.as_secs()
            ),
        };
        Progress {
            message,
            done_bytes: None,
            total_bytes: None,
        }
    }

    /// Waits until the instance is verified, at most until `until`.
    ///
    /// # Errors
    /// The reason why it failed.
    pub(super) async fn wait<P: InstancePlatform>(
        self,
        context: &Context<P>,
        key: &InstanceKey,
        until: Instant,
    ) -> Result<(), VerifyError> {
        let mut last_failure = None;
        tokio::select! {
            exit = wait_for_exit(context, key) => return self.check_exit(context, key, exit).await,
            verified = self.evaluate(context, key, &mut last_failure) => {
                if let Err(failure) = verified {
                    let failure = failure::with_last_lines(context, key, failure).await;
                    return Err(VerifyError::Failed(failure));
                }
            }
            () = sleep_until(until) => {
                let failure = self.timeout_error(context, key, last_failure).await;
                return Err(VerifyError::Failed(failure));
            }
        }
        // It may have exited at this very moment, and its staying up must be observed, not
        // assumed.
        let snapshot = context.agent.informer.relist().await;
        match snapshot.map(|snapshot| Exit::of(&snapshot, key)) {
            Ok(None) => Ok(()),
            Ok(Some(exit)) => self.check_exit(context, key, exit).await,
            Err(error) => Err(VerifyError::Failed(error.into())),
        }
    }

    /// Waits until the instance passes the check; records the last failure.
    ///
    /// # Errors
    /// The failure, when the instance is shown not to work.
    pub(super) async fn evaluate<P: InstancePlatform>(
        self,
        context: &Context<P>,
        key: &InstanceKey,
        last_failure: &mut Option<String>,
    ) -> Result<(), Failure> {
        match self.criterion {
            Criterion::Probe(probe) => {
                wait_for_probe(context, key, (probe, &self.spec.resources), last_failure).await;
            }
            Criterion::HealthCheck(_) => return wait_for_health_check(context, key).await,
            Criterion::Port(_) => wait_for_http(context, key).await,
            Criterion::MinUptime => sleep(context.agent.timings.min_uptime).await,
        }
        Ok(())
    }

    /// Judges an exit. One that the restart policy follows with nothing is fine: the job is
    /// done.
    async fn check_exit<P: InstancePlatform>(
        self,
        context: &Context<P>,
        key: &InstanceKey,
        exit: Exit,
    ) -> Result<(), VerifyError> {
        let restart = self.spec.restart;
        let (code, oom_killed) = match exit {
            Exit::Exited { code: 0, .. } if !restart.restarts(0) => return Ok(()),
            Exit::Exited { code, oom_killed } => (code, oom_killed),
            Exit::Removed => {
                return Err(VerifyError::Failed(failure::platform(
                    FailureCode::InstanceRemoved,
                    "The new instance was removed from outside Berth. Deploy again.".to_owned(),
                )));
            }
        };
        if let Some(error) = context.platform.explain_exit(key, code).await {
            return Err(VerifyError::Failed(error.into()));
        }
        let when = match self.criterion {
            Criterion::Probe(_) => " before its startup probe succeeded".to_owned(),
            Criterion::HealthCheck(_) => " before its image's health check succeeded".to_owned(),
            Criterion::Port(port) => format!(" before it answered on port {port}"),
            Criterion::MinUptime => " right after it started".to_owned(),
        };
        let mut failure = exit::exited(exit::APP, code, oom_killed, &self.spec.resources, &when);
        if code == 0 {
            failure.message.push_str(JOB);
        }
        let failure = failure::with_last_lines(context, key, failure).await;
        Err(if restart.restarts(code) {
            VerifyError::Exited(failure)
        } else {
            // The restart policy allows no restart after this exit.
            VerifyError::Failed(failure)
        })
    }

    async fn timeout_error<P: InstancePlatform>(
        self,
        context: &Context<P>,
        key: &InstanceKey,
        last_failure: Option<String>,
    ) -> Failure {
        let limit = self.limit(context).as_secs();
        let failure = match self.criterion {
            Criterion::Port(port) => failure::user(
                FailureCode::PortNotAnswering,
                format!(
                    "The app is running, but did not respond to HTTP on port {port} within {limit} \
                     s. Make it listen on 0.0.0.0:{port}, or change the port in the settings."
                ),
            ),
            Criterion::HealthCheck(_) => {
                let snapshot = context.agent.informer.relist().await.unwrap_or_default();
                let output = health(&snapshot, key).map(|health| health.output.clone());
                let printed = failure::printed(&output.unwrap_or_default());
                let message = format!(
                    "The app is running, but the image's health check did not succeed within \
                     {limit} s{printed}"
                );
                failure::user(FailureCode::ImageHealthCheckFailed, message)
            }
            Criterion::Probe(_) | Criterion::MinUptime => failure::user(
                FailureCode::ProbeFailed,
                format!(
                    "The app is running, but its startup probe did not succeed within {limit} s: \
                     {}",
                    failure::sentence(last_failure.as_deref().unwrap_or("no response"))
                ),
            ),
        };
        failure::with_last_lines(context, key, failure).await
    }
}

/// The ways an instance goes away.
#[derive(Clone, Copy, Debug)]
enum Exit {
    Exited { code: i64, oom_killed: bool },
    Removed,
}

impl Exit {
    fn of(snapshot: &Snapshot, key: &InstanceKey) -> Option<Self> {
        match snapshot.get(key).map(|instance| instance.state) {
            Some(PlatformState::Exited { code, oom_killed }) => {
                Some(Self::Exited { code, oom_killed })
            }
            Some(_) => None,
            None => Some(Self::Removed),
        }
    }
}

/// Waits until the instance has exited or is gone.
async fn wait_for_exit<P: InstancePlatform>(context: &Context<P>, key: &InstanceKey) -> Exit {
    // An older snapshot may not have it yet, which is not the same as having lost it.
    let mut snapshots = context.agent.informer.snapshots();
    while context.agent.informer.relist().await.is_err() {
        sleep(context.agent.timings.retry_first).await;
    }
    let mut exit = None;
    let waited = snapshots
        .wait_for(|snapshot| {
            exit = Exit::of(snapshot, key);
            exit.is_some()
        })
        .await
        .is_ok();
    match exit {
        Some(exit) if waited => exit,
        // The runner is stopping.
        _ => std::future::pending().await,
    }
}

/// Waits until the instance answers HTTP.
async fn wait_for_http<P: InstancePlatform>(context: &Context<P>, key: &InstanceKey) {
    let address = |snapshot: &Snapshot| {
        let published = &snapshot.get(key)?.ports;
        let http = published
            .iter()
            .find(|published| published.port.is_http())?;
        Some(http.address.clone())
    };
    let mut snapshots = context.agent.informer.snapshots();
    let mut pause = Backoff::new(
        context.agent.timings.verify_first,
        context.agent.timings.verify_max,
    );
    loop {
        let published = snapshots
            .wait_for(|snapshot| address(snapshot).is_some())
            .await;
        let published = published.ok().and_then(|snapshot| address(&snapshot));
        if let Some(address) = published
            && probe::http_answers(&address).await
        {
            return;
        }
        sleep(pause.next()).await;
    }
}

/// Waits until a probe of the instance succeeds; records the last failure.
async fn wait_for_probe<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
    (probe, resources): (&Probe, &Resources),
    last_failure: &mut Option<String>,
) {
    let mut pause = startup_pauses(&context.agent.timings, probe);
    while let Err(wrong) = probe::run_probe(context, key, probe, resources).await {
        *last_failure = Some(wrong);
        sleep(pause.next()).await;
    }
}

/// Returns the pauses between two startup probes.
///
/// They are short at first, since someone waits. A long interval is meant for an app that works.
/// During startup, an app that became ready just after a probe would wait for most of the interval,
/// or past its time limit.
fn startup_pauses(timings: &Timings, probe: &Probe) -> Backoff {
    let interval = Duration::from_millis(probe.interval_ms.into());
    Backoff::new(timings.verify_max, interval.min(timings.startup_probe_max))
}

/// The result of the image's health check for an instance.
fn health<'snapshot>(
    snapshot: &'snapshot Snapshot,
    key: &InstanceKey,
) -> Option<&'snapshot Health> {
    snapshot.get(key)?.health.as_ref()
}

/// Waits for the result of the image's health check.
async fn wait_for_health_check<P: InstancePlatform>(
    context: &Context<P>,
    key: &InstanceKey,
) -> Result<(), Failure> {
    let mut snapshots = context.agent.informer.snapshots();
    let mut result = None;
    let waited = snapshots
        .wait_for(|snapshot| {
            let health = health(snapshot, key);
            result = health
                .filter(|health| health.status != HealthStatus::Starting)
                .cloned();
            result.is_some()
        })
        .await
        .is_ok();
    match result {
        Some(health) if waited && health.status == HealthStatus::Healthy => Ok(()),
        Some(health) if waited => Err(failure::unhealthy(&health)),
        // The runner is stopping.
        _ => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::deployment::Probe;

    use super::startup_pauses;
    use crate::Timings;

    #[test]
    fn an_app_that_starts_is_asked_every_two_seconds_however_long_its_interval() {
        let longest = |interval_ms| {
            let probe = Probe {
                interval_ms,
                ..Probe::default()
            };
            let mut pauses = startup_pauses(&Timings::default(), &probe);
            std::iter::repeat_with(|| pauses.next()).take(20).max()
        };
        for (interval_ms, expected_ms) in [(500, 500), (2_000, 2_000), (600_000, 2_000)] {
            let expected = Duration::from_millis(expected_ms);
            assert_eq!(longest(interval_ms), Some(expected), "{interval_ms} ms");
        }
    }
}
