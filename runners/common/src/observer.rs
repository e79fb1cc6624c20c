//! The informer: one task lists the platform and shares the snapshots.
//!
//! One listing answers every request that came before it began: a hundred deployments that
//! start to reconcile at once cost one or two listings, not a hundred.

use std::{
    pin::{Pin, pin},
    sync::{Arc, Mutex},
};

use futures::{FutureExt, Stream, StreamExt, stream::FusedStream};
use models::{DeploymentId, RunnerId};
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tracing::{info, warn};

use crate::{
    backoff::Backoff,
    runner::{InstanceKey, PlatformInstance, Runner, RunnerError},
    status::StatusTable,
    sync::lock,
    timings::Timings,
};

/// Snapshot of the platform's instances.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Serial number of the request that this answers; see [`Observer::fresh`].
    serial: u64,
    /// Every instance of this runner.
    instances: Arc<Vec<PlatformInstance>>,
    /// Error of the newest listing; the instances are then those of the last good one.
    error: Option<Arc<RunnerError>>,
}

impl View {
    /// Returns the instances of one deployment, newest first.
    pub(crate) fn of(&self, deployment: DeploymentId) -> Vec<PlatformInstance> {
        let mut instances: Vec<_> = self
            .instances
            .iter()
            .filter(|instance| instance.key.deployment_id == deployment)
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
    pub(crate) fn up(&self) -> Vec<PlatformInstance> {
        let up = self.instances.iter().filter(|i| i.state.is_up());
        up.cloned().collect()
    }

    /// Returns every instance, whatever its state.
    pub(crate) fn all(&self) -> impl Iterator<Item = &PlatformInstance> {
        self.instances.iter()
    }

    /// Returns every deployment that has an instance.
    pub(crate) fn deployments(&self) -> impl Iterator<Item = DeploymentId> {
        self.instances
            .iter()
            .map(|instance| instance.key.deployment_id)
    }
}

/// Handle of the informer. Cheap to clone.
#[derive(Debug)]
pub(crate) struct Observer {
    asked: watch::Sender<u64>,
    view: watch::Receiver<View>,
    breaks: watch::Receiver<()>,
    /// Start of the platform's silence; `None` while it answers.
    silent_since: Arc<Mutex<Option<Instant>>>,
}

/// The informer task's end of the channels.
#[derive(Debug)]
pub(crate) struct Watch {
    asked: watch::Receiver<u64>,
    view: watch::Sender<View>,
    breaks: watch::Sender<()>,
    silent_since: Arc<Mutex<Option<Instant>>>,
}

impl Observer {
    /// Creates a handle, and the channels that its task, [`observe`], needs.
    pub(crate) fn new() -> (Self, Watch) {
        let (asked, questions) = watch::channel(0);
        let (answers, view) = watch::channel(View::default());
        let (breaking, breaks) = watch::channel(());
        let silent_since = Arc::new(Mutex::new(None));
        let observer = Self {
            asked,
            view,
            breaks,
            silent_since: Arc::clone(&silent_since),
        };
        let watch = Watch {
            asked: questions,
            view: answers,
            breaks: breaking,
            silent_since,
        };
        (observer, watch)
    }

    /// Returns a snapshot from a listing that begins now or later.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub(crate) async fn fresh(&self) -> Result<View, RunnerError> {
        let mut serial = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            serial = *asked;
        });
        let mut view = self.view.clone();
        let view = match view.wait_for(|view| view.serial >= serial).await {
            Ok(view) => view.clone(),
            Err(_) => return Err(RunnerError::platform("stopping", "The runner is stopping.")),
        };
        match &view.error {
            Some(error) => Err(RunnerError::clone(error)),
            None => Ok(view),
        }
    }

    /// Returns a receiver of the latest snapshot and all later ones.
    pub(crate) fn views(&self) -> watch::Receiver<View> {
        self.view.clone()
    }

    /// Changes whenever the platform's stream of changes breaks.
    ///
    /// The platform may be another one when it returns.
    pub(crate) fn breaks(&self) -> watch::Receiver<()> {
        self.breaks.clone()
    }

    /// Returns the duration of the platform's silence; `None` while it answers.
    pub(crate) fn silence(&self) -> Option<std::time::Duration> {
        lock(&self.silent_since).map(|since| since.elapsed())
    }
}

/// Lists the instances on request, on each change and at intervals, forever.
pub(crate) async fn observe<R: Runner>(
    runner: Arc<R>,
    owner: RunnerId,
    status: Arc<StatusTable>,
    timings: Timings,
    mut watch: Watch,
) {
    let mut pause = Backoff::new(timings.retry_first, timings.retry_max);
    let mut changes = pin!(runner.changes(owner).fuse());
    loop {
        let serial = *watch.asked.borrow_and_update();
        // This listing covers changes that are already known.
        while let Some(Some(())) = changes.next().now_or_never() {}
        let (listed, is_old) = {
            let listing = timeout(timings.relist, runner.instances(owner));
            list(listing, changes.as_mut()).await
        };
        let listed = listed.unwrap_or_else(|_| {
            Err(RunnerError::platform(
                "platform_silent",
                "The platform does not answer.",
            ))
        });
        match listed {
            Ok(instances) => {
                pause.reset();
                status.saw(&instances);
                watch.answer(serial, instances);
            }
            Err(error) => {
                watch.fail(serial, error);
                // Requests wait for the pause too.
                sleep(pause.next()).await;
                continue;
            }
        }
        if is_old {
            continue;
        }
        if changes.is_terminated() {
            changes.set(runner.changes(owner).fuse());
            watch.breaks.send_replace(());
        }
        tokio::select! {
            heard = changes.next() => if heard.is_none() {
                sleep(timings.retry_first).await;
            },
            Ok(()) = watch.asked.changed() => {}
            () = sleep(timings.relist) => {}
        }
    }
}

/// Lists; returns true too if a change came meanwhile that the listing may not show.
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

impl Watch {
    fn answer(&self, serial: u64, instances: Vec<PlatformInstance>) {
        if lock(&self.silent_since).take().is_some() {
            info!("the platform answers again");
        }
        self.view.send_if_modified(|view| {
            let changed =
                view.serial != serial || view.error.is_some() || *view.instances != instances;
            if changed {
                *view = View {
                    serial,
                    instances: Arc::new(instances),
                    error: None,
                };
            }
            changed
        });
    }

    fn fail(&self, serial: u64, error: RunnerError) {
        let mut silent_since = lock(&self.silent_since);
        if silent_since.is_none() {
            warn!(error = %error, source = ?error.source, "the platform does not answer");
            *silent_since = Some(Instant::now());
        }
        drop(silent_since);
        self.view.send_modify(|view| {
            view.serial = serial;
            view.error = Some(Arc::new(error));
        });
    }
}
