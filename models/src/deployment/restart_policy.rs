//! Restart policies of instances.

use serde::{Deserialize, Serialize};

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
