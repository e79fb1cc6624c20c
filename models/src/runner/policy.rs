//! What a runner's machine allows.

use serde::{Deserialize, Serialize};

use crate::{
    deployment::Protocol,
    value::{InternalRegistry, PlatformName, RegistryHost, RegistryPattern},
};

/// The most deployments of a runner whose owner says nothing of it: more than a machine carries, and
/// few enough that no server makes a runner fall over.
pub const MAX_DEPLOYMENTS: u32 = 1_000;

/// The most instances of all deployments of a runner whose owner says nothing of it.
pub const MAX_ALL_INSTANCES: u32 = 2_000;

/// How long removed data is kept on a machine whose owner says nothing of it, in days. The server's own
/// trash was over already, so this is for the day when it was not its owner who emptied that.
pub const KEEP_REMOVED_DAYS: u16 = 7;

/// The least memory that an engine gives a container, in mebibytes, with room for a small program.
const LEAST_MEMORY_MIB: u64 = 16;

/// What a runner's machine allows, whatever the server asks for. Its owner wrote it into a file
/// that the server cannot write, and the runner holds to it; the server knows it only to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostPolicy {
    /// Where images may come from; from anywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<Vec<RegistryPattern>>,
    /// Registries that may be at an address of the machine itself, of its link or of a metadata
    /// service, beside those that `registries` names; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub internal_registries: Option<Vec<InternalRegistry>>,
    /// The most instances of one deployment; no other limit than Berth's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_instances: Option<u16>,
    /// The most deployments; [`MAX_DEPLOYMENTS`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_deployments: Option<u32>,
    /// The most instances of all deployments together; [`MAX_ALL_INSTANCES`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_all_instances: Option<u32>,
    /// The most thousandths of a processor that one deployment may ask for, all its instances
    /// together; no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cpu_millis: Option<u32>,
    /// The most mebibytes of memory that one deployment may ask for, all its instances together;
    /// no limit when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_memory_mib: Option<u32>,
    /// Mebibytes of memory of an instance whose deployment sets no limit: a runner that limits memory
    /// tells what it gives. In the policy file three quarters of the machine's when left out, and no
    /// limit when 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_memory_mib: Option<u32>,
    /// What may be spoken on published ports; anything when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocols: Option<Vec<Protocol>>,
    /// For how many days the data of a volume is kept on the machine after the server had it removed;
    /// [`KEEP_REMOVED_DAYS`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_removed_days: Option<u16>,
    /// The platforms besides its own that the machine runs by emulation; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulated_platforms: Option<Vec<PlatformName>>,
    /// Whether commands are run inside instances: by people, in terminals and by probes.
    pub exec: bool,
    /// The parts of the machine and its surroundings that apps may reach; none when absent.
    #[serde(default, skip_serializing_if = "AppReach::is_nothing")]
    pub app_reach: AppReach,
}

/// Parts of a machine and its surroundings that apps may reach from their network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct AppReach {
    /// Every port of the machine.
    pub host: bool,
    /// These ports of the machine, over TCP and UDP.
    pub host_ports: Vec<u16>,
    /// Link-local addresses and the metadata services of clouds.
    pub metadata: bool,
}

impl AppReach {
    /// True when apps may reach nothing of it.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// True when nothing is closed to them.
    pub const fn is_everything(&self) -> bool {
        self.host && self.metadata
    }
}

impl HostPolicy {
    /// True when this registry may be at an address of the machine itself, of its link or of a
    /// metadata service.
    pub fn allows_internal(&self, host: &RegistryHost) -> bool {
        let mut internal = self.internal_registries.iter().flatten();
        let mut registries = self.registries.iter().flatten();
        internal.any(|named| named.covers(host)) || registries.any(|named| named.is_at(host))
    }
}

impl HostPolicy {
    /// The memory of an instance that asks for this much, or for nothing, in mebibytes; no limit when
    /// absent.
    pub fn memory_mib(&self, asked: Option<u32>) -> Option<u32> {
        asked.or(self.default_memory_mib.filter(|default| *default > 0))
    }

    /// The same with the memory that an instance has by default on a machine with this much, in
    /// bytes. One that takes more than three quarters of it is more likely to be broken than large,
    /// and what is left keeps the machine answering. Where the owner limits deployments and says nothing
    /// of instances, one without a limit is refused instead.
    #[must_use]
    pub fn on_machine_with(mut self, memory_bytes: u64) -> Self {
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
    fn an_instance_without_a_limit_gets_three_quarters_of_the_machines_memory() {
        let policy = with(None).on_machine_with(8 * GIB);
        assert_eq!(policy.memory_mib(None), Some(6 * 1_024));
        assert_eq!(policy.memory_mib(Some(64)), Some(64));
        assert_eq!(
            with(None).on_machine_with(1 << 20).memory_mib(None),
            Some(16)
        );
        // Of a machine that says nothing, nothing is known.
        assert_eq!(with(None).on_machine_with(0).memory_mib(None), None);
    }

    #[test]
    fn the_owner_of_a_machine_says_otherwise() {
        let policy = with(Some(512)).on_machine_with(8 * GIB);
        assert_eq!(policy.memory_mib(None), Some(512));
        assert_eq!(
            with(Some(0)).on_machine_with(8 * GIB).memory_mib(None),
            None
        );
        let limited = HostPolicy {
            max_memory_mib: Some(512),
            ..HostPolicy::default()
        };
        assert_eq!(limited.on_machine_with(8 * GIB).memory_mib(None), None);
    }
}
