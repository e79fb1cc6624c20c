//! Statements on the table of jobs.

use db::{Commit, Db, StoreError, Tx, execute, fetch_one, fetch_optional, statements};
use models::time::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

statements! {
    // Enqueuing a job again revives one that was given up.
    PUT = "INSERT INTO job (job_id, kind, payload, unique_key, run_at, max_attempts, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (unique_key) DO UPDATE SET
               kind = excluded.kind, payload = excluded.payload, revision = job.revision + 1,
               run_at = excluded.run_at, attempts = 0, max_attempts = excluded.max_attempts,
               last_error = NULL, dead_at = NULL";
    PUT_UNLESS_THERE = "INSERT INTO job
               (job_id, kind, payload, unique_key, run_at, max_attempts, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7)
           ON CONFLICT (unique_key) DO NOTHING";
    NEXT_AT = "SELECT MIN(CASE WHEN lease_until > run_at THEN lease_until ELSE run_at END)
               FROM job WHERE dead_at IS NULL";
    // The conditions appear twice: on PostgreSQL the inner ones may be outdated by the time the
    // row is locked, and then the outer ones are checked again on the current row.
    CLAIM = "UPDATE job SET lease_id = $1, lease_until = $2, attempts = attempts + 1
             WHERE job_id = (
                 SELECT job_id FROM job
                 WHERE dead_at IS NULL AND run_at <= $3
                   AND (lease_until IS NULL OR lease_until <= $3)
                 ORDER BY run_at, job_id LIMIT 1)
               AND dead_at IS NULL AND run_at <= $3
               AND (lease_until IS NULL OR lease_until <= $3)
             RETURNING job_id, kind, payload, revision, attempts, max_attempts";
    EXTEND = "UPDATE job SET lease_until = $3 WHERE job_id = $1 AND lease_id = $2";
    FINISH = "DELETE FROM job WHERE job_id = $1 AND lease_id = $2 AND revision = $3";
    RESCHEDULE = "UPDATE job SET lease_id = NULL, lease_until = NULL, run_at = $4, attempts = $5,
                      last_error = $6, dead_at = $7
                  WHERE job_id = $1 AND lease_id = $2 AND revision = $3";
    // A request that arrived during the run has already set everything else.
    RELEASE = "UPDATE job SET lease_id = NULL, lease_until = NULL, attempts = 0
               WHERE job_id = $1 AND lease_id = $2";
    COUNT = "SELECT COUNT(*), COUNT(dead_at) FROM job";
}

/// A job to add.
pub(super) struct NewJob<'a> {
    pub(super) job_id: Uuid,
    pub(super) kind: &'a str,
    pub(super) payload: &'a serde_json::Value,
    pub(super) unique_key: Option<&'a str>,
    pub(super) run_at: Timestamp,
    pub(super) max_attempts: i64,
    pub(super) at: Timestamp,
}

/// A job that this worker holds a lease on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Claimed {
    pub(super) job_id: Uuid,
    pub(super) kind: String,
    pub(super) payload: Json<serde_json::Value>,
    pub(super) revision: i64,
    pub(super) attempts: i64,
    pub(super) max_attempts: i64,
    #[sqlx(skip)]
    pub(super) lease_id: Uuid,
}

/// The state in which a job returns to the queue.
pub(super) struct Rescheduled<'a> {
    pub(super) run_at: Timestamp,
    pub(super) attempts: i64,
    pub(super) last_error: Option<&'a str>,
    pub(super) dead_at: Option<Timestamp>,
}

pub(super) async fn put(
    tx: &mut Tx,
    job: NewJob<'_>,
    on_conflict: OnConflict,
) -> Result<(), StoreError> {
    let sql = match on_conflict {
        OnConflict::Replace => PUT,
        OnConflict::Keep => PUT_UNLESS_THERE,
    };
    execute!(
        tx,
        sql,
        job.job_id,
        job.kind,
        Json(job.payload),
        job.unique_key,
        job.run_at.micros(),
        job.max_attempts,
        job.at.micros(),
    )?;
    Ok(())
}

/// The treatment of an existing job with the same unique key.
#[derive(Clone, Copy)]
pub(super) enum OnConflict {
    Replace,
    Keep,
}

/// The time at which the next job is due; `None` if none is waiting.
pub(super) async fn next_at(db: &Db) -> Result<Option<Timestamp>, StoreError> {
    let (at,) = fetch_one!(db, (Option<i64>,), NEXT_AT)?;
    Ok(at.map(Timestamp::from_micros))
}

/// Claims the job that has been due longest and that nobody holds, if there is one.
pub(super) async fn claim(
    db: &Db,
    lease_id: Uuid,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Claimed>, StoreError> {
    db.write(async |tx| {
        let (until, now) = (until.micros(), now.micros());
        let claimed = fetch_optional!(tx, Claimed, CLAIM, lease_id, until, now)?;
        let claimed = claimed.map(|claimed| Claimed {
            lease_id,
            ..claimed
        });
        Ok(Commit(claimed))
    })
    .await
}

/// Extends the lease of a job; false if someone else has taken the job.
pub(super) async fn extend(db: &Db, job: &Claimed, until: Timestamp) -> Result<bool, StoreError> {
    db.write(async |tx| {
        let held = execute!(tx, EXTEND, job.job_id, job.lease_id, until.micros())?;
        Ok(Commit(held > 0))
    })
    .await
}

/// Removes a finished job, unless it was enqueued again meanwhile.
pub(super) async fn finish(db: &Db, job: &Claimed) -> Result<(), StoreError> {
    db.write(async |tx| {
        if execute!(tx, FINISH, job.job_id, job.lease_id, job.revision)? == 0 {
            execute!(tx, RELEASE, job.job_id, job.lease_id)?;
        }
        Ok(Commit(()))
    })
    .await
}

/// Returns a job to the queue, unless it was enqueued again meanwhile.
pub(super) async fn reschedule(
    db: &Db,
    job: &Claimed,
    rescheduled: Rescheduled<'_>,
) -> Result<(), StoreError> {
    db.write(async |tx| {
        let changed = execute!(
            tx,
            RESCHEDULE,
            job.job_id,
            job.lease_id,
            job.revision,
            rescheduled.run_at.micros(),
            rescheduled.attempts,
            rescheduled.last_error,
            rescheduled.dead_at.map(Timestamp::micros),
        )?;
        if changed == 0 {
            execute!(tx, RELEASE, job.job_id, job.lease_id)?;
        }
        Ok(Commit(()))
    })
    .await
}

/// Counts all jobs, and those that were given up.
pub(super) async fn count(db: &Db) -> Result<(i64, i64), StoreError> {
    fetch_one!(db, (i64, i64), COUNT)
}
