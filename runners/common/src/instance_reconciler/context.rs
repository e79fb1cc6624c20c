//! State that all deployments on one instance platform share.

use std::sync::Arc;

use super::{registry_breaker::RegistryBreaker, volumes::VolumeLocks};
use crate::context::AgentContext;

#[derive(Debug)]
pub(super) struct Context<P> {
    pub(super) agent: Arc<AgentContext>,
    pub(super) platform: Arc<P>,
    pub(super) registry_breaker: RegistryBreaker,
    /// Locks of volumes; see [`super::volumes`].
    pub(super) volumes: VolumeLocks,
}

impl<P> Context<P> {
    pub(super) fn new(agent: Arc<AgentContext>, platform: Arc<P>) -> Self {
        Self {
            agent,
            platform,
            registry_breaker: RegistryBreaker::default(),
            volumes: VolumeLocks::default(),
        }
    }
}
