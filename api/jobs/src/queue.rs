//! Enqueuing jobs, in the transaction of their cause.

use std::{marker::PhantomData, sync::Arc};

use base::{clock::Clock, ids::Ids};
use db::{Db, StoreError, Tx};
use models::time::Timestamp;
use tokio::sync::Notify;

use super::{
    JobKind,
    store::{self, NewJob, OnConflict},
};

/// A queue of one family of jobs; cheap to clone.
#[derive(Debug)]
pub struct Jobs<J> {
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) wake: Arc<Notify>,
    kind: PhantomData<fn() -> J>,
}

impl<J> Clone for Jobs<J> {
    fn clone(&self) -> Self {
        Self {
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            wake: self.wake.clone(),
            kind: PhantomData,
        }
    }
}

impl<J: JobKind> Jobs<J> {
    /// Creates a queue that takes its times from this clock.
    pub fn new(clock: Clock, ids: Ids) -> Self {
        Self {
            clock,
            ids,
            wake: Arc::new(Notify::new()),
            kind: PhantomData,
        }
    }

    /// Adds a job that is due as soon as the transaction is committed.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn enqueue(&self, tx: &mut Tx, job: &J) -> Result<(), StoreError> {
        self.enqueue_at(tx, job, self.clock.now()).await
    }

    /// Adds a job that is due at the given time. It replaces a job with the same unique key.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn enqueue_at(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(tx, job, run_at, OnConflict::Replace).await
    }

    /// Adds a job unless one with the same unique key exists.
    ///
    /// Recurring jobs begin this way, at each start of each server.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn enqueue_unless_there(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(tx, job, run_at, OnConflict::Keep).await
    }

    /// Counts the jobs that wait or run, and the jobs that were given up.
    ///
    /// # Errors
    /// Errors of the database.
    pub async fn count(&self, db: &Db) -> Result<(i64, i64), StoreError> {
        let (all, dead) = store::count(db).await?;
        Ok((all - dead, dead))
    }

    async fn put(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
        on_conflict: OnConflict,
    ) -> Result<(), StoreError> {
        let payload = serde_json::to_value(job).map_err(StoreError::invalid)?;
        let unique_key = job.unique_key();
        let new = NewJob {
            job_id: self.ids.next(),
            kind: job.name(),
            payload: &payload,
            unique_key: unique_key.as_deref(),
            run_at,
            max_attempts: job.max_attempts(),
            at: self.clock.now(),
        };
        store::put(tx, new, on_conflict).await?;
        let wake = self.wake.clone();
        tx.after_commit(move || wake.notify_one());
        Ok(())
    }
}
