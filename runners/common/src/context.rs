//! State that all tasks of a runner share, whatever its platform.

use std::sync::{self, Arc};

use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId,
    runner::{HostPolicy, RunnerSpec, Workload},
    time::Timestamp,
};
use uuid::{ContextV7, Uuid};

use crate::{
    host::Host,
    informer::Informer,
    logs::LogQueue,
    outbox::Outbox,
    platform::{Capabilities, InstanceKey, InstanceNetwork, RunnerError},
    policy,
    state::DesiredCache,
    status::StatusTable,
    sync::lock,
    tags::WatchedTags,
    timings::Timings,
    traffic::Traffic,
};

/// The runner, as its reconciler sees it.
#[derive(Debug)]
pub struct AgentContext {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) runner_id: RunnerId,
    pub(crate) capabilities: Capabilities,
    pub(crate) timings: Timings,
    pub(crate) informer: Informer,
    pub(crate) status: Arc<StatusTable>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) log_queue: Arc<LogQueue>,
    pub(crate) tags: WatchedTags,
    pub(crate) desired_cache: Arc<DesiredCache>,
    pub(crate) policy: HostPolicy,
    pub(crate) traffic: Arc<dyn Traffic>,
    /// Context of the newest id, so that the next one is greater.
    pub(crate) ids: sync::Mutex<ContextV7>,
}

impl AgentContext {
    /// Returns the id that the server gave to this runner.
    pub const fn runner_id(&self) -> RunnerId {
        self.runner_id
    }

    /// Returns the timeouts, intervals and retry limits.
    pub const fn timings(&self) -> &Timings {
        &self.timings
    }

    /// Checks that the host policy and the capabilities allow what a release asks for.
    ///
    /// A reconciler calls it before it runs anything of the release.
    ///
    /// # Errors
    /// `refused_by_host_policy`, naming the first rule that it breaks, or the missing capability.
    pub fn check_spec(&self, spec: &RunnerSpec) -> Result<(), RunnerError> {
        policy::check(&self.policy, spec)?;
        if !spec.volumes.is_empty() && !self.capabilities.volumes {
            return Err(RunnerError::no_volumes());
        }
        Ok(())
    }

    /// Returns the place of a workload's instances on a private network.
    ///
    /// `None` without the capability: the instances are then where they were before.
    pub fn network_of(&self, workload: &Workload) -> Option<InstanceNetwork> {
        let network = InstanceNetwork::of(workload);
        network.filter(|_| self.capabilities.private_networks)
    }

    /// Returns the time by the host's clock.
    pub fn now(&self) -> Timestamp {
        self.host.now()
    }

    /// Returns a key for an instance that does not exist yet.
    pub fn new_instance(&self, deployment_id: DeploymentId, release_id: ReleaseId) -> InstanceKey {
        InstanceKey {
            runner_id: self.runner_id,
            deployment_id,
            release_id,
            instance_id: InstanceId::from_uuid(self.new_id()),
            attempt: None,
        }
    }

    /// Returns a `UUIDv7` (RFC 9562 §5.7): ids sort by the host's time.
    fn new_id(&self) -> Uuid {
        let micros = u64::try_from(self.host.now().micros()).unwrap_or_default();
        let (seconds, nanos) = (micros / 1_000_000, micros % 1_000_000 * 1_000);
        let nanos = u32::try_from(nanos).unwrap_or_default();
        Uuid::new_v7(uuid::Timestamp::from_unix(
            &*lock(&self.ids),
            seconds,
            nanos,
        ))
    }
}
