//! Host policy: limits that the owner of a host sets and the server cannot change.

use serde::{Deserialize, Serialize};

use crate::{
    deployment::Protocol,
    value::{InternalRegistry, NetworkPool, PlatformName, RegistryHost, RegistryPattern},
};

/// The most deployments of a runner whose host policy sets no limit.
///
/// More than a host can carry, and few enough that no server makes a runner fall over.
pub const MAX_DEPLOYMENTS: u32 = 1_000;

/// The most instances of all deployments, if the host policy sets no limit.
pub const MAX_ALL_INSTANCES: u32 = 2_000;

/// The days for which a host keeps removed data if its policy sets no time.
///
/// The server's own trash period is over by then, so this is for the case that someone other
/// than the owner emptied the trash.
pub const KEEP_REMOVED_DAYS: u16 = 7;

/// The least default memory of a container, in mebibytes: room for a small program.
const LEAST_MEMORY_MIB: u64 = 16;

/// The limits of a runner's host, whatever the server asks for.
///
/// The owner of the host writes them into a file that the server cannot write, and the runner
/// enforces them. The server shows them, and refuses early what the runner would refuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostPolicy {
    /// The registries that images may come from; any registry if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<Vec<RegistryPattern>>,
    /// Registries at internal addresses, in addition to `registries`; none if absent.
    ///
    /// Internal addresses are those of the host itself, link-local addresses and metadata
    /// services.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_registries: Option<Vec<InternalRegistry>>,
    /// The most instances of one deployment; only Berth's own limit if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_instances: Option<u16>,
    /// The most deployments; [`MAX_DEPLOYMENTS`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_deployments: Option<u32>,
    /// The most instances of all deployments together; [`MAX_ALL_INSTANCES`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_all_instances: Option<u32>,
    /// The most CPU of one deployment, in thousandths of a processor. No limit if absent.
    ///
    /// It applies to all instances of the deployment together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cpu_millis: Option<u32>,
    /// The most memory of one deployment, in mebibytes; no limit if absent.
    ///
    /// It applies to all instances of the deployment together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_memory_mib: Option<u32>,
    /// The memory limit of an instance whose deployment sets none, in mebibytes.
    ///
    /// Runners that limit memory report it. In the policy file, it is three quarters of the
    /// host's memory when left out, and no limit when 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_memory_mib: Option<u32>,
    /// The protocols that published ports may speak; any if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocols: Option<Vec<Protocol>>,
    /// The days for which the data of a removed volume stays on the host.
    ///
    /// [`KEEP_REMOVED_DAYS`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_removed_days: Option<u16>,
    /// The platforms that the host runs by emulation, besides its own; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulated_platforms: Option<Vec<PlatformName>>,
    /// The addresses for private networks; those of [`NetworkPool::usual`] if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_pool: Option<NetworkPool>,
    /// True if people, terminals and probes may run commands inside instances.
    pub exec: bool,
    /// The parts of the host and its surroundings that apps may reach; none if absent.
    #[serde(default, skip_serializing_if = "AppReach::is_nothing")]
    pub app_reach: AppReach,
}

/// Parts of a host and its surroundings that apps may reach from their network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AppReach {
    /// True if apps may reach every port of the host.
    pub host: bool,
    /// The ports of the host that apps may reach, over TCP and UDP.
    pub host_ports: Vec<u16>,
    /// True if apps may reach link-local addresses and the metadata services of clouds.
    pub metadata: bool,
}

impl AppReach {
    /// True if apps may reach none of it.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// True if apps may reach all of it.
    pub const fn is_everything(&self) -> bool {
        self.host && self.metadata
    }
}

impl HostPolicy {
    /// True if this registry may be at an internal address.
    ///
    /// Internal addresses are those of the host itself, link-local addresses and metadata
    /// services.
    pub fn allows_internal(&self, host: &RegistryHost) -> bool {
        let mut internal = self.internal_registries.iter().flatten();
        let mut registries = self.registries.iter().flatten();
        internal.any(|named| named.covers(host)) || registries.any(|named| named.is_at(host))
    }
}

impl HostPolicy {
    /// Returns the memory limit of an instance that requests this much, in mebibytes.
    ///
    /// `None` if there is no limit.
    pub fn memory_mib(&self, asked: Option<u32>) -> Option<u32> {
        asked.or(self.default_memory_mib.filter(|default| *default > 0))
    }

    /// Returns the policy with the default memory limit for a host's memory, in bytes.
    ///
    /// An instance that takes more than three quarters of it is more likely to be broken than
    /// large, and the rest keeps the host responsive. Sets no default if the policy limits the
    /// memory of deployments: there, an instance without a limit is refused instead.
    #[must_use]
    pub fn on_host_with(mut self, memory_bytes: u64) -> Self {
        let says_nothing = self.default_memory_mib.is_none() && self.max_memory_mib.is_none();
        if says_nothing && memory_bytes > 0 {
            let mib = (memory_bytes >> 20) * 3 / 4;
            self.default_memory_mib = u32::try_from(mib.max(LEAST_MEMORY_MIB)).ok();
        }
        self
    }
}

impl Default for HostPolicy {
    fn default() -> Self {
        Self {
            registries: None,
            internal_registries: None,
            max_instances: None,
            max_deployments: None,
            max_all_instances: None,
            max_cpu_millis: None,
            max_memory_mib: None,
            default_memory_mib: None,
            protocols: None,
            keep_removed_days: None,
            emulated_platforms: None,
            network_pool: None,
            exec: true,
            app_reach: AppReach::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HostPolicy;

    const GIB: u64 = 1 << 30;

    fn with(default_memory_mib: Option<u32>) -> HostPolicy {
        HostPolicy {
            default_memory_mib,
            ..HostPolicy::default()
        }
    }

    #[test]
    fn an_instance_without_a_limit_gets_three_quarters_of_the_hosts_memory() {
        let policy = with(None).on_host_with(8 * GIB);
        assert_eq!(policy.memory_mib(None), Some(6 * 1_024));
        assert_eq!(policy.memory_mib(Some(64)), Some(64));
        assert_eq!(with(None).on_host_with(1 << 20).memory_mib(None), Some(16));
        // A memory size of 0 means that the host did not report any.
        assert_eq!(with(None).on_host_with(0).memory_mib(None), None);
    }

    #[test]
    fn the_owner_of_a_host_can_change_the_default() {
        let policy = with(Some(512)).on_host_with(8 * GIB);
        assert_eq!(policy.memory_mib(None), Some(512));
        assert_eq!(with(Some(0)).on_host_with(8 * GIB).memory_mib(None), None);
        let limited = HostPolicy {
            max_memory_mib: Some(512),
            ..HostPolicy::default()
        };
        assert_eq!(limited.on_host_with(8 * GIB).memory_mib(None), None);
    }
}
