//! One task for each workload, so that none holds up another.

mod load;
mod refusal;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use garde::Validate;
use models::{
    VolumeId,
    deployment::{DesiredState, Failure},
    runner::{Workload, WorkloadId},
    value::ImageDigest,
};
use tokio::{
    sync::{mpsc, watch},
    task::{self, JoinSet},
};
use tracing::{error, info, warn};

use crate::{
    context::AgentContext,
    fence::Fence,
    image_gc,
    platform::Reconciler,
    policy,
    reconcile::{self, Desired},
    status::Errors,
    volumes,
};

/// A command from the server about the desired state.
#[derive(Debug)]
pub(crate) enum Command {
    /// The whole desired state.
    All {
        epoch: i64,
        workloads: Vec<Workload>,
    },
    /// One workload.
    One { epoch: i64, workload: Box<Workload> },
    /// Keep images with these digests; others that nothing needs may go.
    RetainImages {
        epoch: i64,
        digests: Vec<ImageDigest>,
    },
    /// Remove these volumes.
    RemoveVolumes {
        epoch: i64,
        volume_ids: Vec<VolumeId>,
    },
}

/// A task's receiver of the desired state; `None` for a task of no workload.
type DesiredReceiver = Option<watch::Receiver<Desired>>;

struct Supervisor<R> {
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    fence: Fence,
    desired: HashMap<WorkloadId, watch::Sender<Desired>>,
    tasks: JoinSet<DesiredReceiver>,
    owners: HashMap<task::Id, WorkloadId>,
    /// The task that removes volumes, while there is one.
    removing: Option<task::Id>,
    /// The task that removes images, while there is one.
    pruning: Option<task::Id>,
}

/// Follows the server's commands until the channel closes.
pub(crate) async fn supervise<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    mut commands: mpsc::Receiver<Command>,
) {
    let mut snapshots = context.informer.snapshots();
    let mut supervisor = Supervisor {
        context,
        reconciler,
        fence: Fence::default(),
        desired: HashMap::new(),
        tasks: JoinSet::new(),
        owners: HashMap::new(),
        removing: None,
        pruning: None,
    };
    supervisor.resume();
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(Command::All { epoch, workloads }) => {
                    supervisor.apply_full_state(epoch, workloads);
                }
                Some(Command::One { epoch, workload }) => supervisor.apply_change(epoch, *workload),
                Some(Command::RemoveVolumes { epoch, volume_ids }) => {
                    supervisor.remove_volumes(epoch, volume_ids);
                }
                Some(Command::RetainImages { epoch, digests }) => {
                    supervisor.prune_images(epoch, digests);
                }
                None => return,
            },
            Some(ended) = supervisor.tasks.join_next_with_id() => supervisor.worker_ended(ended),
            Ok(()) = snapshots.changed() => {
                let found: HashSet<WorkloadId> =
                    snapshots.borrow_and_update().workloads().collect();
                supervisor.ensure_workers(found);
            }
        }
    }
}

impl<R: Reconciler> Supervisor<R> {
    /// Reconciles the saved desired state until the server sends more.
    fn resume(&mut self) {
        self.fence.accept_epoch(self.context.desired_cache.epoch());
        for stored in self.context.desired_cache.workloads() {
            let id = stored.id();
            self.fence.accept(id, stored.desired.generation);
            let desired = match stored.offline_workload() {
                Some(workload) if workload.validate().is_ok() => {
                    Desired::Present(Arc::clone(workload))
                }
                _ => Desired::Unknown,
            };
            self.set_desired(id, desired);
        }
    }

    fn apply_full_state(&mut self, epoch: i64, workloads: Vec<Workload>) {
        if !self.accepts_epoch(epoch) {
            return;
        }
        let named: HashSet<WorkloadId> = workloads.iter().map(Workload::id).collect();
        self.fence.retain(&named);
        self.context.desired_cache.retain(&named);
        self.context.tags.keep_only(&named);
        self.context.status.retain_refusals(&named);
        info!(workloads = workloads.len(), "received the desired state");
        for workload in workloads {
            self.apply(workload);
        }
        let gone: Vec<WorkloadId> = self.desired.keys().copied().collect();
        for id in gone.into_iter().filter(|id| !named.contains(id)) {
            self.set_desired(id, Desired::Absent);
        }
    }

    fn apply_change(&mut self, epoch: i64, workload: Workload) {
        if self.accepts_epoch(epoch) {
            self.apply(workload);
        }
    }

    /// Starts a removal unless one runs.
    ///
    /// The server asks again for the volumes that are left.
    fn remove_volumes(&mut self, epoch: i64, volume_ids: Vec<VolumeId>) {
        if !self.accepts_epoch(epoch) || self.removing.is_some() {
            return;
        }
        let mut wanted = HashSet::new();
        for sender in self.desired.values() {
            if let Desired::Present(workload) = &*sender.borrow()
                && workload.desired != DesiredState::Deleted
                && let Some(release) = &workload.release
            {
                wanted.extend(release.spec.volumes.iter().map(|mount| mount.volume_id));
            }
        }
        let removal = volumes::remove(
            Arc::clone(&self.context),
            Arc::clone(&self.reconciler),
            volume_ids,
            wanted,
        );
        let removal = self.tasks.spawn(async {
            removal.await;
            None
        });
        self.removing = Some(removal.id());
    }

    /// Prunes images, once the server sent the whole desired state over this link.
    fn prune_images(&mut self, epoch: i64, digests: Vec<ImageDigest>) {
        if !self.accepts_epoch(epoch) || !self.fence.is_synced() || self.pruning.is_some() {
            return;
        }
        let pruning = image_gc::prune(
            Arc::clone(&self.context),
            Arc::clone(&self.reconciler),
            digests,
        );
        let pruning = self.tasks.spawn(async {
            pruning.await;
            None
        });
        self.pruning = Some(pruning.id());
    }

    fn accepts_epoch(&mut self, epoch: i64) -> bool {
        let accepted = self.fence.accept_epoch(epoch);
        if accepted {
            self.context.desired_cache.raise_epoch(epoch);
        } else {
            warn!(epoch, "rejected a command from an older link");
        }
        accepted
    }

    fn apply(&mut self, mut workload: Workload) {
        let id = workload.id();
        if !self.fence.accept(id, workload.generation) {
            warn!(
                deployment.id = %id.deployment_id,
                deployment.generation = workload.generation,
                "rejected a generation older than the current one"
            );
            return;
        }
        // The server validated it; the runner does so again, since a stolen server may send
        // anything. It leaves instances alone rather than follow half of a command.
        if let Err(report) = workload.validate() {
            error!(deployment.id = %id.deployment_id, %report, "rejected an invalid workload");
            self.refuse(&workload, refusal::invalid());
            return;
        }
        if let Err(error) =
            policy::check_load(&self.context.policy, load::with(&self.desired, &workload))
        {
            warn!(deployment.id = %id.deployment_id, %error, "rejected a workload that exceeds the host policy");
            self.refuse(&workload, error.into());
            self.keep_unchanged(id);
            return;
        }
        self.context.status.update_errors(id, Errors::clear_refusal);
        // The watched tag is not part of the intent: a change of it must not disturb instances.
        if workload.run.is_none() {
            let tag = workload.watched_tag.take();
            self.context.tags.watch(workload.deployment_id, tag);
        }
        let workload = Arc::new(workload);
        self.context.desired_cache.set(&workload);
        self.set_desired(id, Desired::Present(workload));
    }

    fn refuse(&self, workload: &Workload, failure: Failure) {
        let now = self.context.host.now();
        let is_live = workload
            .release
            .as_ref()
            .is_some_and(|release| release.live);
        if is_live {
            let note = |errors: &mut Errors| errors.set_refusal(failure.clone(), now);
            self.context.status.update_errors(workload.id(), note);
        }
        if let Some(report) = refusal::report(workload, failure) {
            self.context.outbox.push(report);
        }
    }

    /// Leaves the instances of a refused deployment as they are.
    fn keep_unchanged(&mut self, id: WorkloadId) {
        let snapshots = self.context.informer.snapshots();
        let is_here = snapshots.borrow().workloads().any(|found| found == id);
        if is_here && !self.desired.contains_key(&id) {
            self.set_desired(id, Desired::Unknown);
        }
    }

    /// Starts tasks for instances of workloads without one.
    ///
    /// They are left alone until the server has sent the whole desired state, and removed when
    /// it does not name them.
    fn ensure_workers(&mut self, found: HashSet<WorkloadId>) {
        for id in found {
            if !self.desired.contains_key(&id) {
                let desired = if self.fence.is_synced() {
                    Desired::Absent
                } else {
                    Desired::Unknown
                };
                self.set_desired(id, desired);
            }
        }
    }

    fn set_desired(&mut self, id: WorkloadId, desired: Desired) {
        match self.desired.get(&id) {
            Some(sender) => {
                sender.send_replace(desired);
            }
            None => self.spawn_worker(id, watch::Sender::new(desired)),
        }
    }

    fn spawn_worker(&mut self, id: WorkloadId, sender: watch::Sender<Desired>) {
        let task = reconcile::run_worker(
            Arc::clone(&self.context),
            Arc::clone(&self.reconciler),
            id,
            sender.subscribe(),
        );
        let task = self.tasks.spawn(async { Some(task.await) });
        self.owners.insert(task.id(), id);
        self.desired.insert(id, sender);
    }

    fn worker_ended(&mut self, ended: Result<(task::Id, DesiredReceiver), task::JoinError>) {
        let task = match &ended {
            Ok((task, _)) => *task,
            Err(error) => error.id(),
        };
        for running in [&mut self.removing, &mut self.pruning] {
            if *running == Some(task) {
                *running = None;
            }
        }
        let Some((id, sender)) = self
            .owners
            .remove(&task)
            .and_then(|id| Some((id, self.desired.remove(&id)?)))
        else {
            return;
        };
        let is_over = match ended {
            // A newer desired state may have arrived while the task ended.
            Ok((_, last)) => last.is_some_and(|last| last.has_changed().is_ok_and(|news| !news)),
            Err(error) => {
                error!(deployment.id = %id.deployment_id, %error, "a workload's task failed; restarting it");
                false
            }
        };
        if is_over {
            // Deleted deployments are dropped too: the server has heard of it, or repeats the
            // command over its next link.
            self.context.desired_cache.remove(id);
            if id.run_id.is_some() {
                self.fence.ended(id);
            }
        } else {
            self.spawn_worker(id, sender);
        }
    }
}
