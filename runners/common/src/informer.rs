//! The informer: one task lists the platform and shares the snapshots.
//!
//! One listing answers every request that came before it began: a hundred deployments that
//! start to reconcile at once cost one or two listings, not a hundred.

use std::{
    pin::{Pin, pin},
    sync::{Arc, Mutex},
};

use futures::{FutureExt, Stream, StreamExt, stream::FusedStream};
use models::{deployment::FailureCode, runner::WorkloadId};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tracing::{info, warn};

use crate::{
    backoff::Backoff,
    platform::{InstanceKey, PlatformInstance, Reconciler, RunnerError},
    status::StatusTable,
    sync::lock,
    timings::Timings,
};

/// Snapshot of the platform's instances.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Serial number of the request that this answers; see [`Informer::relist`].
    serial: u64,
    /// Every instance of this runner.
    instances: Arc<Vec<PlatformInstance>>,
    /// Error of the newest listing; the instances are then those of the last good one.
    error: Option<Arc<RunnerError>>,
}

impl Snapshot {
    /// Returns the instances of one workload, newest first.
    pub(crate) fn of_workload(&self, id: WorkloadId) -> Vec<PlatformInstance> {
        let mut instances: Vec<_> = self
            .instances
            .iter()
            .filter(|instance| instance.key.workload_id() == id)
            .cloned()
            .collect();
        instances.sort_by_key(|instance| std::cmp::Reverse(instance.key.instance_id));
        instances
    }

    /// Returns one instance, if it exists.
    pub(crate) fn get(&self, key: &InstanceKey) -> Option<&PlatformInstance> {
        self.instances.iter().find(|instance| instance.key == *key)
    }

    /// Returns every instance whose processes exist.
    pub(crate) fn running(&self) -> Vec<PlatformInstance> {
        let running = self.instances.iter().filter(|i| i.state.is_up());
        running.cloned().collect()
    }

    /// Returns every instance, whatever its state.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &PlatformInstance> {
        self.instances.iter()
    }

    /// Returns every workload that has an instance.
    pub(crate) fn workloads(&self) -> impl Iterator<Item = WorkloadId> {
        self.instances
            .iter()
            .map(|instance| instance.key.workload_id())
    }
}

/// Handle of the informer. Cheap to clone.
#[derive(Debug)]
pub(crate) struct Informer {
    requested: watch::Sender<u64>,
    snapshot: watch::Receiver<Snapshot>,
    disconnects: watch::Receiver<()>,
    /// Start of the platform's outage; `None` while it answers.
    unavailable_since: Arc<Mutex<Option<Instant>>>,
}

/// The informer task's end of the channels.
#[derive(Debug)]
pub(crate) struct InformerFeed {
    requested: watch::Receiver<u64>,
    snapshot: watch::Sender<Snapshot>,
    disconnects: watch::Sender<()>,
    unavailable_since: Arc<Mutex<Option<Instant>>>,
}

impl Informer {
    /// Creates a handle, and the channels that its task, [`run_informer`], needs.
    pub(crate) fn new() -> (Self, InformerFeed) {
        let (requested, requests) = watch::channel(0);
        let (results, snapshot) = watch::channel(Snapshot::default());
        let (disconnecting, disconnects) = watch::channel(());
        let unavailable_since = Arc::new(Mutex::new(None));
        let informer = Self {
            requested,
            snapshot,
            disconnects,
            unavailable_since: Arc::clone(&unavailable_since),
        };
        let feed = InformerFeed {
            requested: requests,
            snapshot: results,
            disconnects: disconnecting,
            unavailable_since,
        };
        (informer, feed)
    }

    /// Returns a snapshot from a listing that begins now or later.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub(crate) async fn relist(&self) -> Result<Snapshot, RunnerError> {
        let mut serial = 0;
        self.requested.send_modify(|requested| {
            *requested += 1;
            serial = *requested;
        });
        let mut snapshot = self.snapshot.clone();
        let snapshot = match snapshot
            .wait_for(|snapshot| snapshot.serial >= serial)
            .await
        {
            Ok(snapshot) => snapshot.clone(),
            Err(_) => {
                return Err(RunnerError::platform(
                    FailureCode::Stopping,
                    "The runner is shutting down. Try again when it is running.",
                ));
            }
        };
        match &snapshot.error {
            Some(error) => Err(RunnerError::clone(error)),
            None => Ok(snapshot),
        }
    }

    /// Returns a receiver of the latest snapshot and all later ones.
    pub(crate) fn snapshots(&self) -> watch::Receiver<Snapshot> {
        self.snapshot.clone()
    }

    /// Changes whenever the platform's stream of changes breaks.
    ///
    /// The platform may be another one when it returns.
    pub(crate) fn disconnects(&self) -> watch::Receiver<()> {
        self.disconnects.clone()
    }

    /// Returns the duration of the platform's outage; `None` while it answers.
    pub(crate) fn unavailable_for(&self) -> Option<std::time::Duration> {
        lock(&self.unavailable_since).map(|since| since.elapsed())
    }
}

/// Lists the instances on request, on each change and at intervals, forever.
pub(crate) async fn run_informer<R: Reconciler>(
    reconciler: Arc<R>,
    status: Arc<StatusTable>,
    timings: Timings,
    mut feed: InformerFeed,
) {
    let mut pause = Backoff::new(timings.retry_first, timings.retry_max);
    let mut changes = pin!(reconciler.changes().fuse());
    loop {
        let serial = *feed.requested.borrow_and_update();
        // This listing covers changes that are already known.
        while let Some(Some(())) = changes.next().now_or_never() {}
        let (listed, is_old) = {
            let listing = timeout(timings.relist, reconciler.observed());
            list(listing, changes.as_mut()).await
        };
        let listed = listed.unwrap_or_else(|_| {
            Err(RunnerError::platform(
                FailureCode::PlatformSilent,
                "The platform is not responding. Check that it is running on the runner's host.",
            ))
        });
        match listed {
            Ok(instances) => {
                pause.reset();
                status.replace_instances(&instances);
                feed.publish(serial, instances);
            }
            Err(error) => {
                feed.publish_error(serial, error);
                // Requests wait for the pause too.
                sleep(pause.next()).await;
                continue;
            }
        }
        if is_old {
            continue;
        }
        if changes.is_terminated() {
            changes.set(reconciler.changes().fuse());
            feed.disconnects.send_replace(());
        }
        tokio::select! {
            heard = changes.next() => if heard.is_none() {
                sleep(timings.retry_first).await;
            },
            Ok(()) = feed.requested.changed() => {}
            () = sleep(timings.relist) => {}
        }
    }
}

/// Lists, and returns true if a change came that the listing may not show.
///
/// Both are polled at the same time, since a platform may let one wait for the other: until its
/// first connection stands, both may be after it.
async fn list<T>(
    listing: impl Future<Output = T>,
    mut changes: Pin<&mut impl Stream<Item = ()>>,
) -> (T, bool) {
    let mut listing = pin!(listing);
    let mut is_old = false;
    loop {
        tokio::select! {
            biased;
            listed = &mut listing => return (listed, is_old),
            Some(()) = changes.next() => is_old = true,
        }
    }
}

impl InformerFeed {
    fn publish(&self, serial: u64, instances: Vec<PlatformInstance>) {
        if lock(&self.unavailable_since).take().is_some() {
            info!("the platform is responding again");
        }
        self.snapshot.send_if_modified(|snapshot| {
            let changed = snapshot.serial != serial
                || snapshot.error.is_some()
                || *snapshot.instances != instances;
            if changed {
                *snapshot = Snapshot {
                    serial,
                    instances: Arc::new(instances),
                    error: None,
                };
            }
            changed
        });
    }

    fn publish_error(&self, serial: u64, error: RunnerError) {
        let mut unavailable_since = lock(&self.unavailable_since);
        if unavailable_since.is_none() {
            warn!(error = %error, source = ?error.source, "the platform is not responding");
            *unavailable_since = Some(Instant::now());
        }
        drop(unavailable_since);
        self.snapshot.send_modify(|snapshot| {
            snapshot.serial = serial;
            snapshot.error = Some(Arc::new(error));
        });
    }
}
