//! Limits of instances, and their restart policy.

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

/// The restart policy of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// Restart it after every exit.
    #[default]
    Always,
    /// Restart it unless its exit code was 0.
    OnFailure,
    /// Do not restart it.
    Never,
}

impl RestartPolicy {
    /// All policies.
    pub const ALL: [Self; 3] = [Self::Always, Self::OnFailure, Self::Never];

    /// The policy's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnFailure => "on_failure",
            Self::Never => "never",
        }
    }

    /// True if an instance with this exit code is restarted.
    pub const fn restarts(self, code: i64) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RestartPolicy;

    #[test]
    fn policies_have_the_same_name_everywhere() {
        for policy in RestartPolicy::ALL {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.name());
        }
        assert!(RestartPolicy::OnFailure.restarts(137));
        assert!(!RestartPolicy::OnFailure.restarts(0));
    }
}
