//! Observed state of every deployment, and the part of it already reported.
//!
//! Two sources meet here: the platform, and the conditions that only the reconciler knows (an
//! instance that is still being verified, or one in a crash loop). Each change is reported at
//! once, as a difference.

mod errors;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use models::{
    DeploymentId, InstanceId,
    deployment::{Instance, InstanceState},
    runner::{RunnerFrame, WorkloadObservation},
};

pub(crate) use self::errors::Errors;
use crate::{
    outbox::Outbox,
    runner::{InstanceKey, PlatformInstance, PlatformState},
    sync::lock,
};

/// A condition of an instance that the reconciler knows and the platform does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Not verified yet.
    Verifying,
    /// Asked to stop.
    Stopping,
    /// Fails its liveness probe.
    Unhealthy,
    /// Failed its liveness probe, and is down until it is started again.
    Restarting,
    /// In a crash loop.
    CrashLoop { restarts: u32 },
}

#[derive(Debug)]
pub(crate) struct Board {
    outbox: Arc<Outbox>,
    // Ordered, so that two full reports of the same state are equal.
    entries: Mutex<BTreeMap<DeploymentId, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    generation: i64,
    instances: Vec<PlatformInstance>,
    marks: HashMap<InstanceId, Mark>,
    errors: Errors,
    told: Option<WorkloadObservation>,
}

impl Board {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            entries: Mutex::default(),
        }
    }

    /// Starts reporting over a new link: the full state now, and every change from now on.
    pub(crate) fn open_link(&self) {
        let mut entries = lock(&self.entries);
        let workloads = entries
            .iter_mut()
            .map(|(id, entry)| {
                // All observations share one frame, so the errors are left out: if everything
                // failed, their messages would not fit. They follow one by one.
                let observation = entry.observation(*id, &Errors::default());
                entry.told = Some(observation.clone());
                observation
            })
            .collect();
        self.outbox.open(RunnerFrame::Observed { workloads });
        for (id, entry) in entries.iter_mut() {
            entry.tell(*id, &self.outbox);
        }
    }

    /// Records a complete listing of the platform.
    pub(crate) fn saw(&self, instances: &[PlatformInstance]) {
        let mut entries = lock(&self.entries);
        for entry in entries.values_mut() {
            entry.instances.clear();
        }
        for instance in instances {
            let entry = entries.entry(instance.key.deployment_id).or_default();
            entry.instances.push(instance.clone());
        }
        for (id, entry) in entries.iter_mut() {
            entry.errors.keep_only(&entry.instances);
            entry.tell(*id, &self.outbox);
        }
        entries.retain(|_, entry| {
            entry.generation > 0 || !entry.instances.is_empty() || entry.errors.is_refused()
        });
    }

    /// Records the generation of the deployment that is being reconciled.
    pub(crate) fn work_on(&self, deployment: DeploymentId, generation: i64) {
        self.change(deployment, |entry| entry.generation = generation);
    }

    /// Adds a condition to an instance.
    pub(crate) fn mark(&self, key: &InstanceKey, mark: Mark) {
        self.change(key.deployment_id, |entry| {
            entry.marks.insert(key.instance_id, mark);
        });
    }

    /// Removes the condition of an instance; the platform's state alone counts again.
    pub(crate) fn unmark(&self, key: &InstanceKey) {
        self.change(key.deployment_id, |entry| {
            entry.marks.remove(&key.instance_id);
        });
    }

    /// Records that an instance that was to stop was started again.
    pub(crate) fn runs_again(&self, key: &InstanceKey) {
        self.change(key.deployment_id, |entry| {
            let mark = entry.marks.get(&key.instance_id);
            if matches!(mark, Some(Mark::Stopping | Mark::Restarting)) {
                entry.marks.remove(&key.instance_id);
            }
        });
    }

    /// Drops a deployment that no longer belongs to this runner.
    pub(crate) fn forget(&self, deployment: DeploymentId) {
        lock(&self.entries).remove(&deployment);
    }

    /// Changes the known errors of a deployment.
    pub(crate) fn note(&self, deployment: DeploymentId, change: impl FnOnce(&mut Errors)) {
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get_mut(&deployment) {
            change(&mut entry.errors);
            entry.tell(deployment, &self.outbox);
            return;
        }
        let mut entry = Entry::default();
        change(&mut entry.errors);
        if !entry.errors.are_none() {
            entry.tell(deployment, &self.outbox);
            entries.insert(deployment, entry);
        }
    }

    /// Drops the refusals of deployments that are not among `named`.
    pub(crate) fn keep_refusals(&self, named: &[DeploymentId]) {
        for (id, entry) in lock(&self.entries).iter_mut() {
            if !named.contains(id) {
                entry.errors.accepted();
                entry.tell(*id, &self.outbox);
            }
        }
    }

    fn change(&self, deployment: DeploymentId, change: impl FnOnce(&mut Entry)) {
        let mut entries = lock(&self.entries);
        let entry = entries.entry(deployment).or_default();
        change(entry);
        entry.tell(deployment, &self.outbox);
    }
}

impl Entry {
    fn tell(&mut self, id: DeploymentId, outbox: &Outbox) {
        let observation = self.observation(id, &self.errors);
        if self.told.as_ref() != Some(&observation) {
            outbox.push(RunnerFrame::ObservationChanged {
                workload: observation.clone(),
            });
            self.told = Some(observation);
        }
    }

    fn observation(&self, deployment_id: DeploymentId, errors: &Errors) -> WorkloadObservation {
        let instances = self.instances.iter().map(|instance| Instance {
            instance_id: instance.key.instance_id,
            release_id: instance.key.release_id,
            state: state(instance.state, self.marks.get(&instance.key.instance_id)),
            ports: instance.ports.clone(),
            started_at: instance.started_at,
            error: errors.of(instance.key.instance_id),
        });
        let mut instances: Vec<Instance> = instances.collect();
        // The platform lists in any order; people expect the order of creation.
        instances.sort_by_key(|instance| instance.instance_id);
        WorkloadObservation {
            deployment_id,
            generation: self.generation,
            error: errors.worst(&instances),
            instances,
        }
    }
}

const fn state(platform: PlatformState, mark: Option<&Mark>) -> InstanceState {
    match (platform, mark) {
        (PlatformState::Created, _) => InstanceState::Pending,
        (PlatformState::Running, Some(Mark::Verifying)) => InstanceState::Starting,
        (
            PlatformState::Running | PlatformState::Unhealthy | PlatformState::Changed,
            Some(Mark::Stopping),
        )
        | (PlatformState::Stopping, _) => InstanceState::Stopping,
        (PlatformState::Running, Some(Mark::Unhealthy))
        | (PlatformState::Unhealthy | PlatformState::Changed, _) => InstanceState::Unhealthy,
        (PlatformState::Running, _) => InstanceState::Running,
        (PlatformState::Exited { .. }, Some(Mark::Restarting)) => InstanceState::Restarting,
        (PlatformState::Exited { code, oom_killed }, Some(Mark::CrashLoop { restarts })) => {
            InstanceState::CrashLoop {
                code,
                oom_killed,
                restarts: *restarts,
            }
        }
        (PlatformState::Exited { code, oom_killed }, _) => {
            InstanceState::Exited { code, oom_killed }
        }
    }
}
