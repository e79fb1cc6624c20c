//! Verification of new instances.

use std::time::Duration;

use models::deployment::{Failure, Probe, Progress, Resources, Spec};
use tokio::time::{Instant, sleep, sleep_until};

use super::{failure, probe};
use crate::{
    backoff::Backoff,
    context::Context,
    observer::View,
    runner::{Health, HealthStatus, InstanceKey, PlatformState, Runner},
    timings::Timings,
};

/// Advice for an app that exits with success but should run forever.
const JOB: &str =
    " If it is a job that ends when it is done, set its restart to never or on_failure.";

/// The check that a new instance must pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof<'spec> {
    shown_by: ShownBy<'spec>,
    spec: &'spec Spec,
}

#[derive(Clone, Copy, Debug)]
enum ShownBy<'spec> {
    /// Its startup probe succeeds.
    Probe(&'spec Probe),
    /// Its image's health check reports healthy within this time.
    Check(Duration),
    /// Something answers HTTP on this port.
    Port(u16),
    /// It stays up for a minimum time.
    StayingUp,
}

/// Reasons why an instance failed verification.
#[derive(Debug)]
pub(super) enum Unproven {
    /// It exited; another instance may do better.
    Ended(Failure),
    /// Its time is up, or another try is of no use.
    Failed(Failure),
}

impl Unproven {
    pub(super) fn into_failure(self) -> Failure {
        match self {
            Self::Ended(failure) | Self::Failed(failure) => failure,
        }
    }
}

impl<'spec> Proof<'spec> {
    /// Chooses the check for an instance that was just started.
    pub(super) fn of<R>(context: &Context<R>, spec: &'spec Spec, key: &InstanceKey) -> Self {
        let views = context.observer.views();
        let limit = health(&views.borrow(), key).map(|health| health.limit);
        let limit = limit.map(|limit| limit.min(context.timings.check_limit));
        let shown_by = match (spec.startup_probe.question(), limit, spec.http_port()) {
            (Some(_), _, _) => ShownBy::Probe(&spec.startup_probe),
            (None, Some(limit), _) => ShownBy::Check(limit),
            (None, None, Some(port)) => ShownBy::Port(port),
            (None, None, None) => ShownBy::StayingUp,
        };
        Self { shown_by, spec }
    }

    /// Returns the time limit, over all starts of an instance.
    pub(super) fn limit<R>(self, context: &Context<R>) -> Duration {
        let usual = context.timings.answer_limit;
        match self.shown_by {
            ShownBy::Check(limit) => limit.max(usual),
            _ => usual,
        }
    }

    /// Describes the check in progress, for people.
    pub(super) fn progress<R>(self, context: &Context<R>) -> Progress {
        let message = match self.shown_by {
            ShownBy::Probe(_) => "Waiting for the start-up probe".to_owned(),
            ShownBy::Check(_) => "Waiting for the image's health check".to_owned(),
            ShownBy::Port(port) => format!("Waiting for port {port} to answer"),
            ShownBy::StayingUp => format!(
                "Waiting {} s to see whether it stays up",
                context.timings.settle.as_secs()
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
    pub(super) async fn wait<R: Runner>(
        self,
        context: &Context<R>,
        key: &InstanceKey,
        until: Instant,
    ) -> Result<(), Unproven> {
        let mut complaint = None;
        tokio::select! {
            end = ended(context, key) => return self.judge(context, key, end).await,
            shown = self.shown(context, key, &mut complaint) => if let Err(failure) = shown {
                let failure = failure::with_last_lines(context, key, failure).await;
                return Err(Unproven::Failed(failure));
            },
            () = sleep_until(until) => {
                return Err(Unproven::Failed(self.too_late(context, key, complaint).await));
            }
        }
        // It may have exited at this very moment, and its staying up must be observed, not
        // assumed.
        let view = context.observer.fresh().await;
        match view.map(|view| End::of(&view, key)) {
            Ok(None) => Ok(()),
            Ok(Some(end)) => self.judge(context, key, end).await,
            Err(error) => Err(Unproven::Failed(error.into())),
        }
    }

    /// Waits until the instance passes the check; records the last failure.
    ///
    /// # Errors
    /// The failure, when the instance is shown not to work.
    pub(super) async fn shown<R: Runner>(
        self,
        context: &Context<R>,
        key: &InstanceKey,
        complaint: &mut Option<String>,
    ) -> Result<(), Failure> {
        match self.shown_by {
            ShownBy::Probe(probe) => {
                satisfied(context, key, (probe, &self.spec.resources), complaint).await;
            }
            ShownBy::Check(_) => return checked(context, key).await,
            ShownBy::Port(_) => answers(context, key).await,
            ShownBy::StayingUp => sleep(context.timings.settle).await,
        }
        Ok(())
    }

    /// Judges an exit. One that the restart policy follows with nothing is fine: the job is
    /// done.
    async fn judge<R: Runner>(
        self,
        context: &Context<R>,
        key: &InstanceKey,
        end: End,
    ) -> Result<(), Unproven> {
        let restart = self.spec.restart;
        let (code, oom_killed) = match end {
            End::Exited { code: 0, .. } if !restart.restarts(0) => return Ok(()),
            End::Exited { code, oom_killed } => (code, oom_killed),
            End::Removed => {
                return Err(Unproven::Failed(failure::platform(
                    "instance_removed",
                    "Something on the machine removed the new instance. Deploy again.".to_owned(),
                )));
            }
        };
        if let Some(error) = context.runner.explain_exit(key, code).await {
            return Err(Unproven::Failed(error.into()));
        }
        let when = match self.shown_by {
            ShownBy::Probe(_) => " before its start-up probe was satisfied".to_owned(),
            ShownBy::Check(_) => " before its image's health check succeeded".to_owned(),
            ShownBy::Port(port) => format!(" before it answered on port {port}"),
            ShownBy::StayingUp => " right after it was started".to_owned(),
        };
        let mut failure = failure::ended(code, oom_killed, &self.spec.resources, &when);
        if code == 0 {
            failure.message.push_str(JOB);
        }
        let failure = failure::with_last_lines(context, key, failure).await;
        Err(if restart.restarts(code) {
            Unproven::Ended(failure)
        } else {
            // The restart policy allows no restart after this exit.
            Unproven::Failed(failure)
        })
    }

    async fn too_late<R: Runner>(
        self,
        context: &Context<R>,
        key: &InstanceKey,
        complaint: Option<String>,
    ) -> Failure {
        let limit = self.limit(context).as_secs();
        let failure = match self.shown_by {
            ShownBy::Port(port) => failure::user(
                "port_not_answering",
                format!(
                    "The app runs, but nothing answered HTTP on port {port} within {limit} s. Make \
                     it listen on 0.0.0.0:{port}, or set the port that it listens on."
                ),
            ),
            ShownBy::Check(_) => {
                let view = context.observer.fresh().await.unwrap_or_default();
                let output = health(&view, key).map(|health| health.output.clone());
                let printed = failure::printed(&output.unwrap_or_default());
                let message = format!(
                    "The app runs, but the image's health check did not succeed within {limit} \
                     s{printed}"
                );
                failure::user("image_health_check_failed", message)
            }
            ShownBy::Probe(_) | ShownBy::StayingUp => failure::user(
                "probe_failed",
                format!(
                    "The app runs, but its start-up probe was not satisfied within {limit} s: {}",
                    failure::sentence(complaint.as_deref().unwrap_or("no answer came"))
                ),
            ),
        };
        failure::with_last_lines(context, key, failure).await
    }
}

/// The ways an instance goes away.
#[derive(Clone, Copy, Debug)]
enum End {
    Exited { code: i64, oom_killed: bool },
    Removed,
}

impl End {
    fn of(view: &View, key: &InstanceKey) -> Option<Self> {
        match view.get(key).map(|instance| instance.state) {
            Some(PlatformState::Exited { code, oom_killed }) => {
                Some(Self::Exited { code, oom_killed })
            }
            Some(_) => None,
            None => Some(Self::Removed),
        }
    }
}

/// Waits until the instance has exited or is gone.
async fn ended<R: Runner>(context: &Context<R>, key: &InstanceKey) -> End {
    // An older snapshot may not have it yet, which is not the same as having lost it.
    let mut views = context.observer.views();
    while context.observer.fresh().await.is_err() {
        sleep(context.timings.retry_first).await;
    }
    let mut end = None;
    let waited = views
        .wait_for(|view| {
            end = End::of(view, key);
            end.is_some()
        })
        .await
        .is_ok();
    match end {
        Some(end) if waited => end,
        // The runner is stopping.
        _ => std::future::pending().await,
    }
}

/// Waits until the instance answers HTTP.
async fn answers<R: Runner>(context: &Context<R>, key: &InstanceKey) {
    let address = |view: &View| {
        let published = &view.get(key)?.ports;
        let http = published
            .iter()
            .find(|published| published.port.is_http())?;
        Some(http.address.clone())
    };
    let mut views = context.observer.views();
    let mut pause = Backoff::new(context.timings.answer_first, context.timings.answer_max);
    loop {
        let published = views.wait_for(|view| address(view).is_some()).await;
        let published = published.ok().and_then(|view| address(&view));
        if let Some(address) = published
            && probe::answers(&address).await
        {
            return;
        }
        sleep(pause.next()).await;
    }
}

/// Waits until a probe of the instance succeeds; records the last failure.
async fn satisfied<R: Runner>(
    context: &Context<R>,
    key: &InstanceKey,
    (probe, resources): (&Probe, &Resources),
    complaint: &mut Option<String>,
) {
    let mut pause = startup_pauses(&context.timings, probe);
    while let Err(wrong) = probe::ask(context, key, probe, resources).await {
        *complaint = Some(wrong);
        sleep(pause.next()).await;
    }
}

/// Returns the pauses between two startup probes: short at first, since somebody waits.
///
/// A long interval is meant for an app that works. During startup, an app that became ready
/// just after a probe would wait for most of the interval, or past its time limit.
fn startup_pauses(timings: &Timings, probe: &Probe) -> Backoff {
    let interval = Duration::from_millis(probe.interval_ms.into());
    Backoff::new(timings.answer_max, interval.min(timings.startup_probe_max))
}

/// The result of the image's health check for an instance.
fn health<'view>(view: &'view View, key: &InstanceKey) -> Option<&'view Health> {
    view.get(key)?.health.as_ref()
}

/// Waits for the result of the image's health check.
async fn checked<R: Runner>(context: &Context<R>, key: &InstanceKey) -> Result<(), Failure> {
    let mut views = context.observer.views();
    let mut said = None;
    let waited = views
        .wait_for(|view| {
            let health = health(view, key);
            said = health
                .filter(|health| health.status != HealthStatus::Starting)
                .cloned();
            said.is_some()
        })
        .await
        .is_ok();
    match said {
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
