//! Adding jobs.

use std::{marker::PhantomData, sync::Arc};

use models::time::Timestamp;
use tokio::sync::Notify;

use super::{
    JobKind,
    store::{self, NewJob, Put},
};
use crate::{
    clock::Clock,
    db::{Db, StoreError, Tx},
    ids::Ids,
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
    /// A queue whose times are those of this clock.
    pub fn new(clock: Clock, ids: Ids) -> Self {
        Self {
            clock,
            ids,
            wake: Arc::new(Notify::new()),
            kind: PhantomData,
        }
    }

    /// Adds a job that runs as soon as the transaction is committed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enqueue(&self, tx: &mut Tx, job: &J) -> Result<(), StoreError> {
        self.enqueue_at(tx, job, self.clock.now()).await
    }

    /// Adds a job that runs at a moment. One of the same unique key is replaced.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enqueue_at(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(tx, job, run_at, Put::Replacing).await
    }

    /// Adds a job unless there is one of the same unique key; how jobs that come again and again
    /// are begun at each start of each server.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn enqueue_unless_there(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.put(tx, job, run_at, Put::UnlessThere).await
    }

    /// How many jobs wait or run, and how many were given up.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn count(&self, db: &Db) -> Result<(i64, i64), StoreError> {
        let (all, dead) = store::count(db).await?;
        Ok((all - dead, dead))
    }

    async fn put(
        &self,
        tx: &mut Tx,
        job: &J,
        run_at: Timestamp,
        put: Put,
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
        store::put(tx, new, put).await?;
        let wake = self.wake.clone();
        tx.after_commit(move || wake.notify_one());
        Ok(())
    }
}
