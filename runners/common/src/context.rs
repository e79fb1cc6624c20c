//! What every task of a runner shares.

use std::sync::Arc;

use models::{DeploymentId, InstanceId, ReleaseId, RunnerId, runner::HostPolicy};
use uuid::Uuid;

use crate::{
    board::Board, logs::Depot, observer::Observer, outbox::Outbox, runner::InstanceKey,
    state::Memory, tags::Tags, timings::Timings, volumes::Locks,
};

#[derive(Debug)]
pub(crate) struct Context<R> {
    pub(crate) runner: Arc<R>,
    pub(crate) runner_id: RunnerId,
    pub(crate) timings: Timings,
    pub(crate) observer: Observer,
    pub(crate) board: Arc<Board>,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) depot: Arc<Depot>,
    pub(crate) tags: Tags,
    /// See [`crate::volumes`].
    pub(crate) volumes: Locks,
    pub(crate) memory: Arc<Memory>,
    pub(crate) policy: HostPolicy,
}

impl<R> Context<R> {
    /// A name for an instance that does not exist yet.
    pub(crate) fn new_instance(
        &self,
        deployment_id: DeploymentId,
        release_id: ReleaseId,
    ) -> InstanceKey {
        InstanceKey {
            runner_id: self.runner_id,
            deployment_id,
            release_id,
            instance_id: InstanceId::from_uuid(Uuid::now_v7()),
        }
    }
}
