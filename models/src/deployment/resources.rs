//! Resource limits of instances.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// The limits of one instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    /// The CPU limit in thousandths of a processor: 500 is half of one. No limit when left out.
    #[garde(inner(range(min = 10, max = 1_024_000)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_millis: Option<u32>,
    /// The memory limit in mebibytes; an instance that needs more is killed.
    ///
    /// When left out, the runner's default applies: three quarters of the host's memory unless
    /// the host policy sets another limit.
    #[garde(inner(range(min = 16, max = 16_777_216)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
}
