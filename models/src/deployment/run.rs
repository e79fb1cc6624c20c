//! How instances run: what they may use, how they stop, and what happens when they end.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::value::{ContainerPath, FileContent};

/// What one instance may use of its machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resources {
    /// Thousandths of a processor: 500 is half of one. No limit when left out.
    #[garde(inner(range(min = 10, max = 1_024_000)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_millis: Option<u32>,
    /// Mebibytes of memory; an instance that needs more is ended. No limit when left out.
    #[garde(inner(range(min = 16, max = 16_777_216)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
}

/// How an instance is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StopRule {
    /// The signal that asks; `SIGTERM` when left out.
    #[garde(skip)]
    #[serde(default)]
    pub signal: StopSignal,
    /// How long it may take until it is ended, in milliseconds; 10 s when left out.
    #[garde(range(max = 600_000))]
    #[serde(default = "default_grace_ms")]
    pub grace_ms: u32,
}

impl Default for StopRule {
    fn default() -> Self {
        Self {
            signal: StopSignal::default(),
            grace_ms: default_grace_ms(),
        }
    }
}

/// What the engines give an app that is asked to stop, unless they are told otherwise.
const fn default_grace_ms() -> u32 {
    10_000
}

/// A signal by which programs may be asked to stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are signal(7)'s own names")]
pub enum StopSignal {
    #[default]
    SigTerm,
    SigInt,
    SigQuit,
    SigHup,
    SigUsr1,
    SigUsr2,
    SigWinch,
    SigKill,
}

impl StopSignal {
    /// Every signal.
    pub const ALL: [Self; 8] = [
        Self::SigTerm,
        Self::SigInt,
        Self::SigQuit,
        Self::SigHup,
        Self::SigUsr1,
        Self::SigUsr2,
        Self::SigWinch,
        Self::SigKill,
    ];

    /// The signal's name, as on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SigTerm => "SIGTERM",
            Self::SigInt => "SIGINT",
            Self::SigQuit => "SIGQUIT",
            Self::SigHup => "SIGHUP",
            Self::SigUsr1 => "SIGUSR1",
            Self::SigUsr2 => "SIGUSR2",
            Self::SigWinch => "SIGWINCH",
            Self::SigKill => "SIGKILL",
        }
    }
}

/// What happens when an instance ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RestartPolicy {
    /// It is started again, whatever its exit code.
    #[default]
    Always,
    /// It is started again unless its exit code was 0.
    OnFailure,
    /// It stays ended.
    Never,
}

impl RestartPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Always, Self::OnFailure, Self::Never];

    /// The policy's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::OnFailure => "on_failure",
            Self::Never => "never",
        }
    }

    /// Whether an instance that ended with this exit code is started again.
    pub const fn restarts(self, code: i64) -> bool {
        match self {
            Self::Always => true,
            Self::OnFailure => code != 0,
            Self::Never => false,
        }
    }
}

/// A file that is put into each instance before it starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigFile {
    /// Where it stands inside the instance; folders on the way are made.
    #[garde(dive, custom(|path: &ContainerPath, (): &()| path.is_for_files()))]
    pub path: ContainerPath,
    /// What is in it. Line breaks are kept as LF: CR LF and CR become LF.
    #[garde(dive)]
    #[serde(default)]
    pub content: FileContent,
}

#[cfg(test)]
mod tests {
    use super::{RestartPolicy, StopSignal};

    #[test]
    fn signals_have_the_same_name_everywhere() {
        for signal in StopSignal::ALL {
            assert_eq!(serde_json::to_value(signal).unwrap(), signal.name());
        }
    }

    #[test]
    fn policies_have_the_same_name_everywhere() {
        for policy in RestartPolicy::ALL {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.name());
        }
        assert!(RestartPolicy::OnFailure.restarts(137));
        assert!(!RestartPolicy::OnFailure.restarts(0));
    }
}
