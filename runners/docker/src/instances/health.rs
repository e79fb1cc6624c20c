//! Results of an image's health check on a container.

use std::time::Duration;

use bollard::models::{
    ContainerState, ContainerStateStatusEnum, HealthConfig, HealthStatusEnum, HealthcheckResult,
};
use runner_common::{CheckOutput, Health, HealthStatus};

use super::moment;

/// The engine's default interval.
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(30);
const RETRIES: u32 = 3;
/// The engine's exit code for a run that did not finish.
const NO_RUN: i64 = -1;
/// Most characters of a check's output that are kept.
const MAX_OUTPUT: usize = 500;

/// Reads the result; `None` when the container has no health check or does not run.
pub(super) fn read(found: &ContainerState, config: Option<&HealthConfig>) -> Option<Health> {
    if found.status != Some(ContainerStateStatusEnum::RUNNING) {
        return None;
    }
    let said = found.health.as_ref()?;
    let status = match said.status? {
        HealthStatusEnum::STARTING => HealthStatus::Starting,
        HealthStatusEnum::HEALTHY => HealthStatus::Healthy,
        HealthStatusEnum::UNHEALTHY => HealthStatus::Unhealthy,
        HealthStatusEnum::EMPTY | HealthStatusEnum::NONE => return None,
    };
    let config = config.cloned().unwrap_or_default();
    let retries = config
        .retries
        .and_then(|retries| u32::try_from(retries).ok());
    let retries = retries.filter(|retries| *retries > 0).unwrap_or(RETRIES);
    let interval = nanos(config.interval).unwrap_or(INTERVAL);
    let timeout = nanos(config.timeout).unwrap_or(TIMEOUT);
    let start_period = nanos(config.start_period).unwrap_or_default();
    // The first run comes one interval after the start.
    let runs = interval.saturating_add(timeout).saturating_mul(retries);
    Some(Health {
        status,
        output: output(said.log.as_deref().unwrap_or_default(), timeout),
        retries,
        limit: start_period.saturating_add(interval).saturating_add(runs),
    })
}

/// Converts a duration; zero stands for the engine's default.
fn nanos(nanos: Option<i64>) -> Option<Duration> {
    let nanos = u64::try_from(nanos?).ok().filter(|nanos| *nanos > 0)?;
    Some(Duration::from_nanos(nanos))
}

/// Returns the output of the last run that failed.
///
/// For a run that did not finish, the text is the engine's own: that the run took too long, or
/// why there was none.
fn output(log: &[HealthcheckResult], timeout: Duration) -> CheckOutput {
    let Some(failed) = log.iter().rfind(|run| run.exit_code != Some(0)) else {
        return CheckOutput::default();
    };
    if failed.exit_code == Some(NO_RUN) {
        let took = took(failed);
        return if took.is_some_and(|took| took >= timeout) {
            CheckOutput::TimedOut(timeout)
        } else {
            CheckOutput::NotRun
        };
    }
    let printed = failed.output.as_deref().unwrap_or_default().trim();
    CheckOutput::Printed(printed.chars().take(MAX_OUTPUT).collect())
}

/// Returns the duration of a run.
fn took(run: &HealthcheckResult) -> Option<Duration> {
    let at = |text: &Option<String>| text.as_deref().and_then(moment);
    let millis = at(&run.end)?.millis_since(at(&run.start)?);
    u64::try_from(millis).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bollard::models::{
        ContainerState, ContainerStateStatusEnum, Health, HealthConfig, HealthStatusEnum,
        HealthcheckResult,
    };
    use runner_common::{CheckOutput, HealthStatus};

    use super::read;

    fn state(status: HealthStatusEnum, log: &[(i64, &str)]) -> ContainerState {
        let run = |(exit_code, output): &(i64, &str)| HealthcheckResult {
            exit_code: Some(*exit_code),
            output: Some((*output).to_owned()),
            ..HealthcheckResult::default()
        };
        ContainerState {
            status: Some(ContainerStateStatusEnum::RUNNING),
            health: Some(Health {
                status: Some(status),
                log: Some(log.iter().map(run).collect()),
                ..Health::default()
            }),
            ..ContainerState::default()
        }
    }

    #[test]
    fn a_failed_check_shows_its_last_output() {
        let log = [(1, "first"), (1, "no database\n"), (0, "fine")];
        let health = read(&state(HealthStatusEnum::UNHEALTHY, &log), None).unwrap();
        assert_eq!(health.status, HealthStatus::Unhealthy);
        let printed = CheckOutput::Printed("no database".to_owned());
        assert_eq!(health.output, printed);
    }

    #[test]
    fn messages_of_the_engine_are_not_output_of_a_check() {
        let config = HealthConfig {
            timeout: Some(1_000_000_000),
            ..HealthConfig::default()
        };
        let said = |words: &str, end: &str| {
            let mut state = state(HealthStatusEnum::UNHEALTHY, &[(-1, words)]);
            let log = state.health.as_mut().unwrap().log.as_mut().unwrap();
            log[0].start = Some("2026-11-14T22:13:20.5Z".to_owned());
            log[0].end = Some(end.to_owned());
            read(&state, Some(&config)).unwrap().output
        };
        let late = said(
            "Health check exceeded timeout (1s)",
            "2026-11-14T22:13:21.6Z",
        );
        assert_eq!(late, CheckOutput::TimedOut(Duration::from_secs(1)));
        let refused = said(
            "OCI runtime exec failed: no such file",
            "2026-11-14T22:13:20.6Z",
        );
        assert_eq!(refused, CheckOutput::NotRun);
    }

    #[test]
    fn a_check_may_take_its_start_period_and_as_many_runs_as_it_takes_to_fail() {
        let starting = state(HealthStatusEnum::STARTING, &[]);
        let second = 1_000_000_000;
        let config = HealthConfig {
            interval: Some(10 * second),
            timeout: Some(2 * second),
            retries: Some(4),
            start_period: Some(60 * second),
            ..HealthConfig::default()
        };
        let health = read(&starting, Some(&config)).unwrap();
        assert_eq!(
            (health.retries, health.limit),
            (4, Duration::from_secs(118))
        );
        let usual = read(&starting, None).unwrap();
        assert_eq!((usual.retries, usual.limit), (3, Duration::from_secs(210)));
    }

    #[test]
    fn without_a_check_or_a_running_container_there_is_no_health() {
        assert_eq!(read(&state(HealthStatusEnum::NONE, &[]), None), None);
        let ended = ContainerState {
            status: Some(ContainerStateStatusEnum::EXITED),
            ..state(HealthStatusEnum::UNHEALTHY, &[])
        };
        assert_eq!(read(&ended, None), None);
    }
}
