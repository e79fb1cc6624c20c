//! Instances as the platform reports them.

use models::{
    DeploymentId, EnvironmentId, InstanceId, ReleaseId, RunId, RunnerId, VolumeId,
    deployment::PublishedPort,
    runner::{RunnerSpec, Workload, WorkloadId},
    time::Timestamp,
    value::{ImageDigest, ResourceName},
};

use super::Health;

/// Identity of an instance. The platform keeps all of it with the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceKey {
    /// The runner that created it.
    pub runner_id: RunnerId,
    /// Its deployment.
    pub deployment_id: DeploymentId,
    /// Its release.
    pub release_id: ReleaseId,
    /// The instance itself.
    pub instance_id: InstanceId,
    /// Its run and attempt; absent for an instance of the deployment itself.
    pub attempt: Option<AttemptKey>,
}

impl InstanceKey {
    /// Returns the workload that it belongs to.
    pub fn workload_id(&self) -> WorkloadId {
        WorkloadId {
            deployment_id: self.deployment_id,
            run_id: self.attempt.map(|attempt| attempt.run_id),
        }
    }
}

/// Identity of an attempt of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptKey {
    /// The run.
    pub run_id: RunId,
    /// The number of the attempt, from 1.
    pub number: u16,
}

/// Everything needed to create an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSpec {
    /// Its identity.
    pub key: InstanceKey,
    /// Its specification.
    pub spec: RunnerSpec,
    /// Digest of its image, as a [pull](super::InstancePlatform::pull) returned it.
    pub image_digest: ImageDigest,
    /// Volumes of its specification that must exist on the platform already.
    pub expected_volumes: Vec<VolumeId>,
    /// Its place on a private network.
    ///
    /// Absent where the server names none, and without the capability
    /// [`private_networks`](super::Capabilities::private_networks).
    pub network: Option<InstanceNetwork>,
}

/// An instance's place on the private network of an environment.
///
/// The instances of an environment on one runner reach each other by their host names. Nobody
/// else reaches them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceNetwork {
    /// The environment.
    ///
    /// A server names it, and may name one of another runner: the network is that of the
    /// environment and the runner together.
    pub environment_id: EnvironmentId,
    /// The name by which others find it; absent for an attempt of a run.
    pub host_name: Option<ResourceName>,
}

impl InstanceNetwork {
    /// Returns the place of a workload's instances.
    pub fn of(workload: &Workload) -> Option<Self> {
        let network = workload.network.as_ref()?;
        Some(Self {
            environment_id: network.environment_id,
            host_name: workload.run.is_none().then(|| network.host_name.clone()),
        })
    }
}

/// State of an instance, as the platform reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlatformState {
    /// Created and never started.
    Created,
    /// Running.
    Running,
    /// Running, but the platform itself reports a problem.
    Unhealthy,
    /// Suspended by someone on the host: its processes exist and do nothing.
    Paused,
    /// Running, but altered since its creation.
    ///
    /// Someone took it off its network, say, or changed its limits. The loop replaces it.
    Changed,
    /// On its way down or out.
    Stopping,
    /// Exited.
    Exited {
        /// Exit code; 128 + n when signal n ended it.
        code: i64,
        /// True if the kernel killed a process of it for lack of memory.
        oom_killed: bool,
    },
}

impl PlatformState {
    /// The state of an exit with this code, not for lack of memory.
    pub const fn exited(code: i64) -> Self {
        Self::Exited {
            code,
            oom_killed: false,
        }
    }

    /// True if its processes exist.
    pub const fn is_up(self) -> bool {
        matches!(
            self,
            Self::Running | Self::Unhealthy | Self::Paused | Self::Changed
        )
    }
}

/// An instance on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformInstance {
    /// Its identity.
    pub key: InstanceKey,
    /// Its state.
    pub state: PlatformState,
    /// Addresses of its ports from this host; empty when it is not up or has none.
    pub ports: Vec<PublishedPort>,
    /// Time of its last start; absent when it was never started.
    ///
    /// Each start is later than the previous one, which is how a restart is recognized.
    pub started_at: Option<Timestamp>,
    /// Volumes that it was created with.
    pub volumes: Vec<VolumeId>,
    /// Place on a private network that it was created with.
    pub network: Option<InstanceNetwork>,
    /// Result of its image's health check.
    ///
    /// Absent when it is not up, or its check is missing or turned off.
    pub health: Option<Health>,
}
