//! The loop that claims jobs that are due and has them run.

use std::{sync::Arc, time::Duration};

use models::time::Timestamp;
use tokio::{sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Handler, JobKind, Jobs, run, store};
use crate::{
    db::{Db, StoreError},
    random,
};

/// After which pause to try again when another worker was faster, or the database is busy.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    /// How many jobs run at the same time.
    pub concurrency: usize,
    /// How long a job is held without a sign of life; a dead worker's jobs run again after this.
    pub lease: Duration,
    /// How often to look for jobs that other servers added.
    pub poll: Duration,
}

impl WorkerOptions {
    /// Leases of 30 s, a look every second.
    pub const fn new(concurrency: usize) -> Self {
        Self {
            concurrency,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
        }
    }
}

impl<J: JobKind> Jobs<J> {
    /// Works until `stop`, then finishes what is under way. Give that as long as you can wait: the
    /// jobs of a process that ends in the middle run again when their leases are over.
    pub async fn work<H: Handler<J>>(
        self,
        db: Db,
        handler: H,
        options: WorkerOptions,
        stop: CancellationToken,
    ) {
        let permits = Arc::new(Semaphore::new(options.concurrency));
        let running = TaskTracker::new();
        loop {
            let free = permits.clone().acquire_owned();
            let Some(Ok(permit)) = stop.run_until_cancelled(free).await else {
                break;
            };
            if stop.is_cancelled() {
                break;
            }
            let pause = match self.claim(&db, options).await {
                Ok(Next::Claimed(job)) => {
                    let run = run::one(self.clone(), db.clone(), handler.clone(), job, options);
                    running.spawn(async move {
                        run.await;
                        drop(permit);
                    });
                    continue;
                }
                Ok(Next::In(pause)) => pause,
                Err(error) => {
                    tracing::warn!(%error, "no job could be claimed; trying again");
                    options.poll
                }
            };
            drop(permit);
            tokio::select! {
                () = stop.cancelled() => break,
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
            }
        }
        running.close();
        running.wait().await;
    }

    /// Takes a job that is due, or says how long to wait for one.
    async fn claim(&self, db: &Db, options: WorkerOptions) -> Result<Next, StoreError> {
        let now = self.clock.now();
        // Reading first keeps an idle worker from taking SQLite's one writing connection.
        let wait = match store::next_at(db).await? {
            None => options.poll,
            Some(at) if at > now => options.poll.min(until(now, at)),
            Some(_) => {
                let lease_id = uuid::Uuid::from_bytes(random::bytes());
                let lease_until = lease_until(now, options.lease);
                if let Some(job) = store::claim(db, lease_id, now, lease_until).await? {
                    return Ok(Next::Claimed(job));
                }
                SHORT_PAUSE
            }
        };
        Ok(Next::In(wait))
    }
}

enum Next {
    Claimed(store::Claimed),
    In(Duration),
}

/// The end of a lease that is taken now.
pub(super) fn lease_until(now: Timestamp, lease: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    let millis = u64::try_from(at.millis_since(now)).unwrap_or_default();
    // Rounded up, so that the moment is over after the wait.
    Duration::from_millis(millis + 1)
}
