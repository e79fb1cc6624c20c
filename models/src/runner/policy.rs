//! What a runner's machine allows.

use serde::{Deserialize, Serialize};

use crate::{
    deployment::Protocol,
    value::{PlatformName, RegistryPattern},
};

/// The most deployments of a runner whose owner says nothing of it: more than a machine carries, and
/// few enough that no server makes a runner fall over.
pub const MAX_DEPLOYMENTS: u32 = 1_000;

/// The most instances of all deployments of a runner whose owner says nothing of it.
pub const MAX_ALL_INSTANCES: u32 = 2_000;

/// How long removed data is kept on a machine whose owner says nothing of it, in days. The server's own
/// trash was over already, so this is for the day when it was not its owner who emptied that.
pub const KEEP_REMOVED_DAYS: u16 = 7;

/// What a runner's machine allows, whatever the server asks for. Its owner wrote it into a file
/// that the server cannot write, and the runner holds to it; the server knows it only to show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostPolicy {
    /// Where images may come from; from anywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<Vec<RegistryPattern>>,
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
}

impl Default for HostPolicy {
    fn default() -> Self {
        Self {
            registries: None,
            max_instances: None,
            max_deployments: None,
            max_all_instances: None,
            max_cpu_millis: None,
            max_memory_mib: None,
            protocols: None,
            keep_removed_days: None,
            emulated_platforms: None,
            exec: true,
        }
    }
}
