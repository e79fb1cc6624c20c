//! The desired state, as this process knows it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use models::{
    DeploymentId,
    runner::{Workload, WorkloadRelease},
};
use tokio::sync::watch;

use super::file_content::{StateContent, StoredWorkload, is_attempt};
use crate::sync::lock;

/// Version; grows with every change.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    book: Mutex<Book>,
    version: watch::Sender<u64>,
    /// The newest version that no restart can replace with an older one.
    kept: watch::Sender<u64>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Book {
    pub(super) epoch: i64,
    pub(super) deployments: BTreeMap<DeploymentId, StoredWorkload<Arc<Workload>>>,
}

impl Memory {
    /// Restores the state that the previous process saved.
    pub(crate) fn recalled(content: StateContent) -> Self {
        let kept = content.deployments.into_iter().map(|kept| {
            let kept = StoredWorkload {
                desired: Arc::new(kept.desired),
                previous: kept.previous.map(Arc::new),
            };
            (kept.deployment_id(), kept)
        });
        let book = Book {
            epoch: content.epoch,
            deployments: kept.collect(),
        };
        Self {
            book: Mutex::new(book),
            version: watch::Sender::default(),
            kept: watch::Sender::default(),
        }
    }

    /// Returns the highest epoch seen.
    pub(crate) fn epoch(&self) -> i64 {
        lock(&self.book).epoch
    }

    /// Returns every deployment.
    pub(crate) fn deployments(&self) -> Vec<StoredWorkload<Arc<Workload>>> {
        lock(&self.book).deployments.values().cloned().collect()
    }

    /// Returns the workload before the current rollout of a deployment.
    pub(crate) fn before(&self, deployment: DeploymentId) -> Option<Arc<Workload>> {
        let book = lock(&self.book);
        book.deployments.get(&deployment)?.previous.clone()
    }

    /// Records the epoch of a server.
    pub(crate) fn note_epoch(&self, epoch: i64) {
        self.change(|book| {
            let is_news = book.epoch < epoch;
            book.epoch = book.epoch.max(epoch);
            is_news
        });
    }

    /// Records a workload from the server.
    pub(crate) fn note(&self, workload: &Arc<Workload>) {
        self.change(|book| {
            let known = book.deployments.get(&workload.deployment_id);
            if known.is_some_and(|known| known.desired == *workload) {
                return false;
            }
            let before = known.and_then(StoredWorkload::settled).cloned();
            let kept = StoredWorkload {
                desired: Arc::clone(workload),
                previous: before.filter(|_| is_attempt(workload)),
            };
            book.deployments.insert(workload.deployment_id, kept);
            true
        });
    }

    /// Drops all deployments but these, after a complete state from the server.
    pub(crate) fn keep_only(&self, named: &[DeploymentId]) {
        self.change(|book| {
            let known = book.deployments.len();
            book.deployments.retain(|id, _| named.contains(id));
            book.deployments.len() != known
        });
    }

    /// Records that a release went live.
    ///
    /// The server may not have heard of it yet, but the previous instances are gone, so from
    /// now on this workload holds without the server.
    pub(crate) fn went_live(
        &self,
        deployment: DeploymentId,
        generation: i64,
        release: &WorkloadRelease,
        image_digest: &str,
    ) {
        self.change(|book| {
            let Some(kept) = book.deployments.get_mut(&deployment) else {
                return false;
            };
            let tried = kept.desired.release.as_ref().map(|tried| tried.release_id);
            if kept.desired.generation != generation || tried != Some(release.release_id) {
                return false;
            }
            let mut live = Workload::clone(&kept.desired);
            let mut release = WorkloadRelease {
                live: true,
                image_digest: Some(image_digest.to_owned()),
                ..release.clone()
            };
            release.expect_all();
            live.release = Some(release);
            kept.previous = Some(Arc::new(live));
            true
        });
    }

    /// Drops a removed deployment.
    pub(crate) fn forget(&self, deployment: DeploymentId) {
        self.change(|book| book.deployments.remove(&deployment).is_some());
    }

    /// Waits until no restart can bring back anything older than the current state.
    ///
    /// Until then nobody may rely on the current state.
    pub(crate) async fn kept(&self) {
        let version = *self.version.borrow();
        // Both ends of the channel are here, so it never closes.
        let mut kept = self.kept.subscribe();
        kept.wait_for(|kept| *kept >= version).await.ok();
    }

    /// Records that this version is on disk, or that no copy is.
    pub(super) fn note_kept(&self, version: u64) {
        self.kept.send_replace(version);
    }

    /// Records that no copy is kept at all, so a restart brings nothing back.
    pub(crate) fn keeps_nothing(&self) {
        self.note_kept(u64::MAX);
    }

    /// Changes with every change of the state; the value is the version.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Returns the whole state and its version.
    pub(super) fn snapshot(&self) -> (u64, Book) {
        let book = lock(&self.book);
        (*self.version.borrow(), book.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Book) -> bool) {
        let mut book = lock(&self.book);
        if change(&mut book) {
            self.version.send_modify(|version| *version += 1);
        }
    }
}
