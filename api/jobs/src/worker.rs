//! The loop that claims due jobs and runs them.

use std::{sync::Arc, time::Duration};

use base::random;
use db::{Db, StoreError};
use models::time::Timestamp;
use tokio::{sync::Semaphore, time::sleep};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Handler, JobKind, Jobs, run, store};

/// The pause after another worker was faster, or the database was busy.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// Limits and intervals of a worker.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    /// The number of jobs that run at the same time.
    pub concurrency: usize,
    /// The length of a lease; a dead worker's jobs run again when it has expired.
    pub lease: Duration,
    /// The interval between polls for jobs that other servers added.
    pub poll: Duration,
}

impl WorkerOptions {
    /// Leases of 30 s, and a poll every second.
    pub const fn new(concurrency: usize) -> Self {
        Self {
            concurrency,
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
        }
    }
}

impl<J: JobKind> Jobs<J> {
    /// Runs jobs until `stop`, then finishes those under way.
    ///
    /// Allow as much time for that as possible: the jobs of a process that ends in the middle
    /// run again when their leases expire.
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
                    tracing::warn!(%error, "failed to claim a job; retrying");
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

    /// Claims a due job, or returns how long to wait for one.
    async fn claim(&self, db: &Db, options: WorkerOptions) -> Result<Next, StoreError> {
        let now = self.clock.now();
        // Reading first keeps an idle worker from taking SQLite's only writing connection.
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

/// The end of a lease that begins now.
pub(super) fn lease_until(now: Timestamp, lease: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}

fn until(now: Timestamp, at: Timestamp) -> Duration {
    let millis = u64::try_from(at.millis_since(now)).unwrap_or_default();
    // Rounded up, so that the job is due after the wait.
    Duration::from_millis(millis + 1)
}
