//! The desired state, as this process knows it.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
};

use models::{
    DeploymentId, ReleaseId,
    runner::{Workload, WorkloadId, WorkloadRelease},
    value::ImageDigest,
};
use tokio::sync::watch;

use super::file_content::{BegunAttempt, StateContent, StoredWorkload};
use crate::sync::lock;

/// Version; grows with every change.
#[derive(Debug, Default)]
pub(crate) struct DesiredCache {
    workloads: Mutex<Workloads>,
    version: watch::Sender<u64>,
    /// The newest version that no restart can replace with an older one.
    persisted: watch::Sender<u64>,
}

#[derive(Debug, Default, Clone)]
pub(super) struct Workloads {
    pub(super) epoch: i64,
    pub(super) by_id: BTreeMap<WorkloadId, StoredWorkload<Arc<Workload>>>,
}

impl DesiredCache {
    /// Restores the state that the previous process saved.
    pub(crate) fn from_content(content: StateContent) -> Self {
        let stored = content.workloads.into_iter().map(|stored| {
            let stored = StoredWorkload {
                desired: Arc::new(stored.desired),
                previous: stored.previous.map(Arc::new),
                attempt: stored.attempt,
            };
            (stored.id(), stored)
        });
        let workloads = Workloads {
            epoch: content.epoch,
            by_id: stored.collect(),
        };
        Self {
            workloads: Mutex::new(workloads),
            version: watch::Sender::default(),
            persisted: watch::Sender::default(),
        }
    }

    /// Returns the highest epoch seen.
    pub(crate) fn epoch(&self) -> i64 {
        lock(&self.workloads).epoch
    }

    /// Returns every workload.
    pub(crate) fn workloads(&self) -> Vec<StoredWorkload<Arc<Workload>>> {
        lock(&self.workloads).by_id.values().cloned().collect()
    }

    /// Returns the workload before the current rollout of a deployment.
    pub(crate) fn previous(&self, deployment: DeploymentId) -> Option<Arc<Workload>> {
        let workloads = lock(&self.workloads);
        workloads.by_id.get(&deployment.into())?.previous.clone()
    }

    /// Records the epoch of a server.
    pub(crate) fn raise_epoch(&self, epoch: i64) {
        self.change(|workloads| {
            let is_news = workloads.epoch < epoch;
            workloads.epoch = workloads.epoch.max(epoch);
            is_news
        });
    }

    /// Records a workload from the server.
    pub(crate) fn set(&self, workload: &Arc<Workload>) {
        self.change(|workloads| {
            let known = workloads.by_id.get(&workload.id());
            if known.is_some_and(|known| known.desired == *workload) {
                return false;
            }
            let previous = known.and_then(StoredWorkload::offline_workload).cloned();
            let stored = StoredWorkload {
                desired: Arc::clone(workload),
                previous: previous.filter(|_| workload.is_rollout()),
                attempt: known.and_then(|known| known.attempt),
            };
            workloads.by_id.insert(workload.id(), stored);
            true
        });
    }

    /// Drops all workloads but these, after a complete state from the server.
    pub(crate) fn retain(&self, named: &HashSet<WorkloadId>) {
        self.change(|workloads| {
            let known = workloads.by_id.len();
            workloads.by_id.retain(|id, _| named.contains(id));
            workloads.by_id.len() != known
        });
    }

    /// Records that a release went live.
    ///
    /// The server may not have heard of it yet, but the previous instances are gone, so from
    /// now on this workload holds without the server.
    pub(crate) fn mark_live(
        &self,
        deployment: DeploymentId,
        generation: i64,
        release: &WorkloadRelease,
        image_digest: &ImageDigest,
    ) {
        self.change(|workloads| {
            let Some(stored) = workloads.by_id.get_mut(&deployment.into()) else {
                return false;
            };
            let rollout = stored
                .desired
                .release
                .as_ref()
                .map(|release| release.release_id);
            if stored.desired.generation != generation || rollout != Some(release.release_id) {
                return false;
            }
            let mut live = Workload::clone(&stored.desired);
            let mut release = WorkloadRelease {
                live: true,
                image_digest: Some(image_digest.clone()),
                ..release.clone()
            };
            release.expect_all();
            live.release = Some(release);
            stored.previous = Some(Arc::new(live));
            true
        });
    }

    /// Records that an attempt of a run is about to begin.
    ///
    /// Once that is [persisted](Self::persisted), no restart begins it a second time.
    pub(crate) fn begin_attempt(&self, id: WorkloadId, attempt: BegunAttempt) {
        self.change(|workloads| match workloads.by_id.get_mut(&id) {
            Some(stored) => stored.attempt.replace(attempt) != Some(attempt),
            None => false,
        });
    }

    /// Returns the newest attempt of a run that was begun.
    pub(crate) fn attempt(&self, id: WorkloadId) -> Option<BegunAttempt> {
        lock(&self.workloads).by_id.get(&id)?.attempt
    }

    /// Drops a removed workload.
    pub(crate) fn remove(&self, id: WorkloadId) {
        self.change(|workloads| workloads.by_id.remove(&id).is_some());
    }

    /// Takes back the [record](Self::mark_live) of a release that did not go live.
    ///
    /// `previous` is the workload that the record replaced.
    pub(crate) fn unmark_live(
        &self,
        deployment: DeploymentId,
        generation: i64,
        release_id: ReleaseId,
        previous: Option<Arc<Workload>>,
    ) {
        self.change(|workloads| {
            let Some(stored) = workloads.by_id.get_mut(&deployment.into()) else {
                return false;
            };
            let is_of_it = |workload: &Arc<Workload>| {
                let release = workload.release.as_ref();
                workload.generation == generation
                    && release.is_some_and(|one| one.release_id == release_id && one.live)
            };
            if !stored.previous.as_ref().is_some_and(is_of_it) {
                return false;
            }
            stored.previous = previous;
            true
        });
    }

    /// Waits until no restart can bring back anything older than the current state.
    ///
    /// Until then nobody may rely on the current state.
    pub(crate) async fn persisted(&self) {
        let version = *self.version.borrow();
        // Both ends of the channel are here, so it never closes.
        let mut persisted = self.persisted.subscribe();
        persisted
            .wait_for(|persisted| *persisted >= version)
            .await
            .ok();
    }

    /// Records that this version is on disk, or that no copy is.
    pub(super) fn set_persisted(&self, version: u64) {
        self.persisted.send_replace(version);
    }

    /// Records that no copy is kept at all, so a restart brings nothing back.
    pub(crate) fn disable_persistence(&self) {
        self.set_persisted(u64::MAX);
    }

    /// Changes with every change of the state; the value is the version.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Returns the whole state and its version.
    pub(super) fn snapshot(&self) -> (u64, Workloads) {
        let workloads = lock(&self.workloads);
        (*self.version.borrow(), workloads.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Workloads) -> bool) {
        let mut workloads = lock(&self.workloads);
        if change(&mut workloads) {
            self.version.send_modify(|version| *version += 1);
        }
    }
}
