//! One run of one job, and the recording of its outcome.

use std::{panic::AssertUnwindSafe, time::Duration};

use base::random;
use db::{Db, StoreError};
use futures::FutureExt;
use tokio::time::{Instant, sleep};

use super::{
    Handler, JobError, JobKind, Jobs, Outcome, WorkerOptions,
    store::{self, Claimed, Rescheduled},
    worker::lease_until,
};

/// The pause after the first failure; it doubles with each further one.
const FIRST_PAUSE_MS: u64 = 1_000;
/// The longest pause.
const LONGEST_PAUSE_MS: u64 = 5 * 60_000;
/// The number of renewals within the length of a lease, so that two may fail.
const RENEWALS: u32 = 3;

/// The reason that a run was aborted or never begun.
#[derive(Debug, thiserror::Error)]
enum JobRunError {
    #[error("the handler panicked")]
    Panicked,
    #[error("the worker crashed on all {0} attempts")]
    Poisonous(i64),
}

/// Runs a claimed job and records the outcome.
pub(super) async fn one<J: JobKind, H: Handler<J>>(
    jobs: Jobs<J>,
    db: Db,
    handler: H,
    job: Claimed,
    options: WorkerOptions,
) {
    let begun = Instant::now();
    let result = tokio::select! {
        result = attempt(&handler, &job) => result,
        () = lose_lease(&jobs, &db, &job, options) => {
            tracing::warn!(
                job.id = %job.job_id, job.kind = job.kind,
                "stopped a job because its lease was lost"
            );
            return;
        }
    };
    let outcome = outcome(&result, &job);
    metrics::counter!("berth_jobs_total", "kind" => job.kind.clone(), "outcome" => outcome)
        .increment(1);
    metrics::histogram!("berth_job_duration_seconds", "kind" => job.kind.clone())
        .record(begun.elapsed());
    if let Err(error) = record_outcome(&jobs, &db, &job, result).await {
        tracing::warn!(
            job.id = %job.job_id, job.kind = job.kind, %error,
            "failed to store the result of a job; it will run again when its lease expires"
        );
    }
    // The job may be due again at once, if it was enqueued while it ran.
    jobs.wake.notify_one();
}

async fn attempt<J: JobKind, H: Handler<J>>(
    handler: &H,
    job: &Claimed,
) -> Result<Outcome, JobError> {
    // A failed attempt is recorded as one. More attempts than allowed means that workers died
    // during them.
    if job.attempts > job.max_attempts {
        return Err(JobError::Never(
            JobRunError::Poisonous(job.max_attempts).into(),
        ));
    }
    let kind = serde_json::from_value(job.payload.0.clone())?;
    let run = AssertUnwindSafe(handler.run(kind)).catch_unwind();
    run.await
        .unwrap_or_else(|_| Err(JobRunError::Panicked.into()))
}

/// Renews the lease; returns when another worker may hold the job.
async fn lose_lease<J: JobKind>(jobs: &Jobs<J>, db: &Db, job: &Claimed, options: WorkerOptions) {
    let mut renewed = Instant::now();
    loop {
        sleep(options.lease / RENEWALS).await;
        let asked = Instant::now();
        let until = lease_until(jobs.clock.now(), options.lease);
        match store::extend(db, job, until).await {
            Ok(true) => renewed = asked,
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(job.id = %job.job_id, %error, "failed to renew a lease");
                if renewed.elapsed() >= options.lease {
                    return;
                }
            }
        }
    }
}

async fn record_outcome<J: JobKind>(
    jobs: &Jobs<J>,
    db: &Db,
    job: &Claimed,
    result: Result<Outcome, JobError>,
) -> Result<(), StoreError> {
    let now = jobs.clock.now();
    let error = match result {
        Ok(Outcome::Done) => return store::finish(db, job).await,
        Ok(Outcome::RunAgainAt(run_at)) => {
            let rescheduled = Rescheduled {
                run_at,
                attempts: 0,
                last_error: None,
                dead_at: None,
            };
            return store::reschedule(db, job, rescheduled).await;
        }
        Err(error) => error,
    };
    let text = error.chain();
    let is_over = job.attempts >= job.max_attempts || matches!(error, JobError::Never(_));
    let pause = match error {
        JobError::Again {
            after: Some(after), ..
        } => after,
        _ => pause_after(job.attempts),
    };
    if is_over {
        tracing::error!(
            job.id = %job.job_id, job.kind = job.kind, attempts = job.attempts, error = text,
            "a job failed permanently"
        );
    } else {
        tracing::warn!(
            job.id = %job.job_id, job.kind = job.kind, attempts = job.attempts, error = text,
            "a job failed and will be retried"
        );
    }
    let rescheduled = Rescheduled {
        run_at: lease_until(now, pause),
        attempts: job.attempts,
        last_error: Some(&text),
        dead_at: is_over.then_some(now),
    };
    store::reschedule(db, job, rescheduled).await
}

fn outcome(result: &Result<Outcome, JobError>, job: &Claimed) -> &'static str {
    match result {
        Ok(_) => "done",
        Err(JobError::Again { .. }) if job.attempts < job.max_attempts => "failed",
        Err(_) => "given_up",
    }
}

/// The backoff, which doubles with each attempt.
///
/// Half of it is random, so that jobs that failed together do not all come back together.
fn pause_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    let pause = 2_u64
        .saturating_pow(doublings)
        .saturating_mul(FIRST_PAUSE_MS)
        .min(LONGEST_PAUSE_MS);
    Duration::from_millis(pause / 2 + random::below(pause / 2 + 1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause_after;

    #[test]
    fn pauses_double_up_to_five_minutes_and_half_of_each_is_random() {
        for (attempts, longest) in [(1, 1), (2, 2), (5, 16), (9, 256), (10, 300), (1_000, 300)] {
            let longest = Duration::from_secs(longest);
            for _ in 0..50 {
                let pause = pause_after(attempts);
                assert!(
                    pause >= longest / 2 && pause <= longest,
                    "{attempts}: {pause:?}"
                );
            }
        }
    }
}
