//! What the runner sees of every deployment, and what of it was told.
//!
//! Two sources meet here: what the platform says, and what only the loop knows (an instance that
//! runs but is still being verified, one that ends again and again). Whatever changes, the
//! difference is told at once.

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

/// What the loop knows of an instance and the platform does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It did not show yet that it works.
    Verifying,
    /// It was asked to stop.
    Stopping,
    /// It does not answer its liveness probe.
    Unhealthy,
    /// It failed its liveness probe, and is down until it is started again.
    Restarting,
    /// It ended again and again.
    CrashLoop { restarts: u32 },
}

#[derive(Debug)]
pub(crate) struct Board {
    outbox: Arc<Outbox>,
    // Ordered, so that two full reports of the same things are the same.
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

    /// A link stands: everything is told, and from now on every change.
    pub(crate) fn open_link(&self) {
        let mut entries = lock(&self.entries);
        let workloads = entries
            .iter_mut()
            .map(|(id, entry)| {
                // All in one frame, so without the errors: when everything fails, their words would
                // not fit. They follow one by one.
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

    /// The platform was asked: this is everything on it.
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

    /// This generation of the deployment is being worked on.
    pub(crate) fn work_on(&self, deployment: DeploymentId, generation: i64) {
        self.change(deployment, |entry| entry.generation = generation);
    }

    /// Adds what only the loop knows.
    pub(crate) fn mark(&self, key: &InstanceKey, mark: Mark) {
        self.change(key.deployment_id, |entry| {
            entry.marks.insert(key.instance_id, mark);
        });
    }

    /// Takes it back: what the platform says is all there is to say.
    pub(crate) fn unmark(&self, key: &InstanceKey) {
        self.change(key.deployment_id, |entry| {
            entry.marks.remove(&key.instance_id);
        });
    }

    /// It was to stop, and was started again.
    pub(crate) fn runs_again(&self, key: &InstanceKey) {
        self.change(key.deployment_id, |entry| {
            let mark = entry.marks.get(&key.instance_id);
            if matches!(mark, Some(Mark::Stopping | Mark::Restarting)) {
                entry.marks.remove(&key.instance_id);
            }
        });
    }

    /// The deployment is none of ours any more.
    pub(crate) fn forget(&self, deployment: DeploymentId) {
        lock(&self.entries).remove(&deployment);
    }

    /// Changes what is known to be wrong with a deployment.
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

    /// Forgets the refusals of deployments that are not among these.
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
        // The platform lists in any order; the order of making is the one people expect.
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
