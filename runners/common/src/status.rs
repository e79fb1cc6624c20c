//! Observed state of every deployment, and the part of it already reported.
//!
//! Two sources meet here: the platform, and the conditions that only the reconciler knows (an
//! instance that is still being verified, or one in a crash loop). Each change is reported at
//! once, as a difference.

mod errors;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex},
};

use models::{
    DeploymentId, InstanceId,
    deployment::{Instance, InstanceState},
    runner::{RunnerFrame, WorkloadId, WorkloadObservation},
};

pub(crate) use self::errors::Errors;
use crate::{
    outbox::Outbox,
    platform::{InstanceKey, PlatformInstance, PlatformState},
    sync::lock,
};

/// A condition of an instance that the reconciler knows and the platform does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Not verified yet.
    Verifying,
    /// Asked to stop.
    Stopping,
    /// Fails its liveness probe.
    Unhealthy,
    /// Failed its liveness probe, and is down until it is started again.
    Restarting,
    /// In a crash loop.
    CrashLoop {
        /// Number of restarts in a row.
        restarts: u32,
    },
}

#[derive(Debug)]
pub(crate) struct StatusTable {
    outbox: Arc<Outbox>,
    // Ordered, so that two full reports of the same state are equal.
    entries: Mutex<BTreeMap<DeploymentId, Entry>>,
}

#[derive(Debug, Default)]
struct Entry {
    generation: i64,
    instances: Vec<PlatformInstance>,
    conditions: HashMap<InstanceId, Condition>,
    errors: Errors,
    last_sent: Option<WorkloadObservation>,
}

impl StatusTable {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            entries: Mutex::default(),
        }
    }

    /// Starts reporting over a new link: the full state now, then every change.
    pub(crate) fn resync(&self) {
        let mut entries = lock(&self.entries);
        let workloads = entries
            .iter_mut()
            .map(|(id, entry)| {
                // All observations share one frame, so the errors are left out: if everything
                // failed, their messages would not fit. They follow one by one.
                let observation = entry.observation(*id, &Errors::default());
                entry.last_sent = Some(observation.clone());
                observation
            })
            .collect();
        self.outbox.open(RunnerFrame::Observed { workloads });
        for (id, entry) in entries.iter_mut() {
            entry.push_if_changed(*id, &self.outbox);
        }
    }

    /// Records a complete listing of the platform.
    pub(crate) fn replace_instances(&self, instances: &[PlatformInstance]) {
        let mut entries = lock(&self.entries);
        for entry in entries.values_mut() {
            entry.instances.clear();
        }
        // Runs are reported whole, with their attempts.
        for instance in instances.iter().filter(|one| one.key.attempt.is_none()) {
            let entry = entries.entry(instance.key.deployment_id).or_default();
            entry.instances.push(instance.clone());
        }
        for (id, entry) in entries.iter_mut() {
            entry.errors.retain_instances(&entry.instances);
            entry.push_if_changed(*id, &self.outbox);
        }
        entries.retain(|_, entry| {
            entry.generation > 0 || !entry.instances.is_empty() || entry.errors.is_refused()
        });
    }

    /// Records the generation of the deployment that is being reconciled.
    pub(crate) fn set_observed_generation(&self, deployment: DeploymentId, generation: i64) {
        self.change(deployment, |entry| entry.generation = generation);
    }

    /// Adds a condition to an instance.
    ///
    /// Attempts of runs have none: they are reported whole.
    pub(crate) fn set_condition(&self, key: &InstanceKey, condition: Condition) {
        if key.attempt.is_some() {
            return;
        }
        self.change(key.deployment_id, |entry| {
            entry.conditions.insert(key.instance_id, condition);
        });
    }

    /// Removes the condition of an instance; the platform's state alone counts again.
    pub(crate) fn clear_condition(&self, key: &InstanceKey) {
        if key.attempt.is_some() {
            return;
        }
        self.change(key.deployment_id, |entry| {
            entry.conditions.remove(&key.instance_id);
        });
    }

    /// Records that an instance that was to stop was started again.
    pub(crate) fn clear_stopping(&self, key: &InstanceKey) {
        self.change(key.deployment_id, |entry| {
            let condition = entry.conditions.get(&key.instance_id);
            if matches!(condition, Some(Condition::Stopping | Condition::Restarting)) {
                entry.conditions.remove(&key.instance_id);
            }
        });
    }

    /// Drops a deployment that no longer belongs to this runner.
    pub(crate) fn remove(&self, deployment: DeploymentId) {
        lock(&self.entries).remove(&deployment);
    }

    /// Changes the known errors of a deployment. Those of a run are part of its reports.
    pub(crate) fn update_errors(
        &self,
        id: impl Into<WorkloadId>,
        change: impl FnOnce(&mut Errors),
    ) {
        let WorkloadId {
            deployment_id: deployment,
            run_id: None,
        } = id.into()
        else {
            return;
        };
        let mut entries = lock(&self.entries);
        if let Some(entry) = entries.get_mut(&deployment) {
            change(&mut entry.errors);
            entry.push_if_changed(deployment, &self.outbox);
            return;
        }
        let mut entry = Entry::default();
        change(&mut entry.errors);
        if !entry.errors.is_empty() {
            entry.push_if_changed(deployment, &self.outbox);
            entries.insert(deployment, entry);
        }
    }

    /// Drops the refusals of deployments that are not among `named`.
    pub(crate) fn retain_refusals(&self, named: &HashSet<WorkloadId>) {
        for (id, entry) in lock(&self.entries).iter_mut() {
            if !named.contains(&(*id).into()) {
                entry.errors.clear_refusal();
                entry.push_if_changed(*id, &self.outbox);
            }
        }
    }

    fn change(&self, deployment: DeploymentId, change: impl FnOnce(&mut Entry)) {
        let mut entries = lock(&self.entries);
        let entry = entries.entry(deployment).or_default();
        change(entry);
        entry.push_if_changed(deployment, &self.outbox);
    }
}

impl Entry {
    fn push_if_changed(&mut self, id: DeploymentId, outbox: &Outbox) {
        let observation = self.observation(id, &self.errors);
        if self.last_sent.as_ref() != Some(&observation) {
            outbox.push(RunnerFrame::ObservationChanged {
                workload: observation.clone(),
            });
            self.last_sent = Some(observation);
        }
    }

    fn observation(&self, deployment_id: DeploymentId, errors: &Errors) -> WorkloadObservation {
        let instances = self.instances.iter().map(|instance| Instance {
            instance_id: instance.key.instance_id,
            release_id: instance.key.release_id,
            state: state(
                instance.state,
                self.conditions.get(&instance.key.instance_id),
            ),
            ports: instance.ports.clone(),
            started_at: instance.started_at,
            error: errors.of_instance(instance.key.instance_id),
        });
        let mut instances: Vec<Instance> = instances.collect();
        // The platform lists in any order; people expect the order of creation.
        instances.sort_by_key(|instance| instance.instance_id);
        WorkloadObservation {
            deployment_id,
            generation: self.generation,
            error: errors.most_severe(&instances),
            instances,
        }
    }
}

const fn state(platform: PlatformState, condition: Option<&Condition>) -> InstanceState {
    match (platform, condition) {
        (PlatformState::Created, _) => InstanceState::Pending,
        (PlatformState::Running, Some(Condition::Verifying)) => InstanceState::Starting,
        (
            PlatformState::Running
            | PlatformState::Unhealthy
            | PlatformState::Paused
            | PlatformState::Changed,
            Some(Condition::Stopping),
        )
        | (PlatformState::Stopping, _) => InstanceState::Stopping,
        (PlatformState::Running, Some(Condition::Unhealthy))
        | (PlatformState::Unhealthy | PlatformState::Paused | PlatformState::Changed, _) => {
            InstanceState::Unhealthy
        }
        (PlatformState::Running, _) => InstanceState::Running,
        (PlatformState::Exited { .. }, Some(Condition::Restarting)) => InstanceState::Restarting,
        (PlatformState::Exited { code, oom_killed }, Some(Condition::CrashLoop { restarts })) => {
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
