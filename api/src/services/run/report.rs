//! Runners' reports on runs.

use models::{
    deployment::{Failure, FailureCode, Fault},
    run::{RunAttempt, RunPhase, RunTerms},
    runner::RunReport,
};

use super::{deadline, end};
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    services::{deployment::changed, untrusted_text},
    store::{
        self,
        observation::Reporter,
        run::{Run, RunUpdate},
    },
};

/// Applies a runner's report on a run.
///
/// Frames may arrive twice or late. So a report changes nothing if the run is not this runner's
/// or has ended, or if the link is not the runner's newest.
pub async fn report(app: &App, reporter: Reporter, report: RunReport) -> Result<(), AppError> {
    let deployment_id = report.deployment_id;
    app.db
        .write(async |tx| {
            let locked = store::deployment::lock_reported(tx, deployment_id, reporter).await?;
            let Some(deployment) = locked else {
                return Ok(Abandon(()));
            };
            let found = store::run::of(tx, &deployment, report.run_id).await?;
            let Some(row) = found.filter(|_| is_runner_phase(report.phase)) else {
                return Ok(Abandon(()));
            };
            if row.phase()?.is_terminal() {
                return Ok(Abandon(()));
            }
            let update = update_of(app, &row, &report);
            if report.phase.is_terminal() {
                end(app, tx, &deployment, &row, update).await?;
            } else {
                store::run::update(tx, &deployment, report.run_id, &update).await?;
                changed(app, tx, deployment.workspace_id(), deployment_id);
            }
            Ok(Commit(()))
        })
        .await
}

/// True for phases that a runner may report.
const fn is_runner_phase(phase: RunPhase) -> bool {
    !matches!(phase, RunPhase::Queued | RunPhase::Cancelled)
}

fn update_of(app: &App, row: &Run, report: &RunReport) -> RunUpdate {
    let now = app.clock.now();
    let attempts = merge(row.terms(), row.attempts(), &report.attempts);
    let begun = attempts.last().map_or(0, |last| last.number);
    let ends = report.phase.is_terminal();
    RunUpdate {
        phase: report.phase,
        deadline_at: (!ends).then(|| deadline(row.terms(), begun, now)),
        ended_at: ends.then_some(now),
        attempts,
        progress: report
            .progress
            .as_ref()
            .map(untrusted_text::sanitize_progress),
        failure: failure_of(report),
        image_digest: report.image_digest.clone(),
    }
}

/// Adds reported attempts to the known ones.
///
/// A runner that lost its records may not name them all. The first reported end of each stays.
fn merge(terms: RunTerms, known: &[RunAttempt], reported: &[RunAttempt]) -> Vec<RunAttempt> {
    let mut attempts = known.to_vec();
    let possible = 1..=terms.attempts();
    for attempt in reported {
        if !possible.contains(&attempt.number) {
            continue;
        }
        match attempts.iter_mut().find(|one| one.number == attempt.number) {
            Some(known) if known.ended_at.is_some() => {}
            Some(known) => *known = *attempt,
            None => attempts.push(*attempt),
        }
    }
    attempts.sort_by_key(|attempt| attempt.number);
    attempts
}

fn failure_of(report: &RunReport) -> Option<Failure> {
    if report.phase != RunPhase::Failed {
        return None;
    }
    Some(match &report.failure {
        Some(failure) => untrusted_text::sanitize_failure(failure),
        None => Failure {
            fault: Fault::Platform,
            code: FailureCode::Unexplained,
            message: "The runner reported that the run failed, but gave no reason. Check the \
                      runner's log."
                .to_owned(),
        },
    })
}

#[cfg(test)]
mod tests {
    use models::{InstanceId, run::RunAttempt, run::RunTerms, time::Timestamp};
    use uuid::Uuid;

    use super::merge;

    #[test]
    fn attempts_are_counted_once_and_their_first_end_stays() {
        let terms = RunTerms {
            timeout_ms: 1_000,
            retries: 1,
        };
        let attempt = |number, ended_at: Option<i64>| RunAttempt {
            number,
            instance_id: InstanceId::from_uuid(Uuid::from_u128(number.into())),
            started_at: None,
            ended_at: ended_at.map(Timestamp::from_micros),
            exit_code: ended_at.map(|_| 3),
            oom_killed: false,
        };
        let known = [attempt(1, Some(5))];
        let reported = [
            attempt(2, None),
            attempt(1, Some(9)),
            attempt(3, None),
            attempt(0, None),
        ];
        let expected = [attempt(1, Some(5)), attempt(2, None)];
        assert_eq!(merge(terms, &known, &reported), expected);
        assert_eq!(
            merge(terms, &expected, &[attempt(2, Some(7))])[1].exit_code,
            Some(3)
        );
        assert_eq!(merge(terms, &expected, &[]), expected);
    }
}
