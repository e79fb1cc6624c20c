//! State that all tasks of a runner share.

use std::sync::{self, Arc};

use models::{DeploymentId, InstanceId, ReleaseId, RunnerId, runner::HostPolicy};
use uuid::{ContextV7, Uuid};

use crate::{
    host::Host, informer::Informer, logs::LogQueue, outbox::Outbox, platform::InstanceKey,
    registry_breaker::RegistryBreaker, state::DesiredCache, status::StatusTable, sync::lock,
    tags::WatchedTags, timings::Timings, volumes::VolumeLocks,
};

#[derive(Debug)]
pub(crate) struct Context<R> {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) runner: Arc<R>,
    pub(crate) runner_id: RunnerId,
    pub(crate) timings: Timings,
    pub(crate) informer: Informer,
    pub(crate) status: Arc<StatusTable>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) log_queue: Arc<LogQueue>,
    pub(crate) tags: WatchedTags,
    pub(crate) registry_breaker: RegistryBreaker,
    /// Locks of volumes; see [`crate::volumes`].
    pub(crate) volumes: VolumeLocks,
    pub(crate) desired_cache: Arc<DesiredCache>,
    pub(crate) policy: HostPolicy,
    /// Context of the newest id, so that the next one is greater.
    pub(crate) ids: sync::Mutex<ContextV7>,
}

impl<R> Context<R> {
    /// Returns a key for an instance that does not exist yet.
    pub(crate) fn new_instance(
        &self,
        deployment_id: DeploymentId,
        release_id: ReleaseId,
    ) -> InstanceKey {
        InstanceKey {
            runner_id: self.runner_id,
            deployment_id,
            release_id,
            instance_id: InstanceId::from_uuid(self.new_id()),
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
