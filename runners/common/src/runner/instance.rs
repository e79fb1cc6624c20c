//! Instances as the platform knows them.

use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, VolumeId,
    deployment::{PublishedPort, Spec},
    time::Timestamp,
};

use super::Health;

/// Who an instance is. The platform keeps all four ids with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceKey {
    /// The runner that made it.
    pub runner_id: RunnerId,
    /// The deployment that it belongs to.
    pub deployment_id: DeploymentId,
    /// The release that it is a copy of.
    pub release_id: ReleaseId,
    /// The instance itself.
    pub instance_id: InstanceId,
}

/// What to create an instance from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSpec {
    /// Who it is.
    pub key: InstanceKey,
    /// What it runs.
    pub spec: Spec,
    /// The digest of its image, as [`Runner::pull`](super::Runner::pull) returned it.
    pub image_digest: String,
    /// The volumes of its specification that must be on the platform already.
    pub expected_volumes: Vec<VolumeId>,
}

/// The state of an instance, as the platform tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformState {
    /// It is there and was never started.
    Created,
    /// It runs.
    Running,
    /// It runs, and the platform itself says that something is wrong with it.
    Unhealthy,
    /// It runs, and is not as it was made: somebody took it off its network, say, or changed its
    /// limits. The loop makes another one in its place.
    Changed,
    /// It is on its way down or out.
    Stopping,
    /// It ended.
    Exited {
        /// Its exit code; 128 + n when signal n ended it.
        code: i64,
        /// True when the kernel killed a process of it for want of memory.
        oom_killed: bool,
    },
}

impl PlatformState {
    /// It ended with this exit code, not for want of memory.
    pub const fn exited(code: i64) -> Self {
        Self::Exited {
            code,
            oom_killed: false,
        }
    }

    /// Whether its processes are there.
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Unhealthy | Self::Changed)
    }
}

/// An instance that is on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformInstance {
    /// Who it is.
    pub key: InstanceKey,
    /// Its state.
    pub state: PlatformState,
    /// Where its ports can be reached from this machine; empty when it is not up or has none.
    pub ports: Vec<PublishedPort>,
    /// When it was last started; absent when it never was. Each start is later than the one
    /// before: that is how a new life is told from the old one.
    pub started_at: Option<Timestamp>,
    /// The volumes that it was created with.
    pub volumes: Vec<VolumeId>,
    /// The verdict of its image's health check; absent when it is not up, has none, or it is turned
    /// off.
    pub health: Option<Health>,
}
