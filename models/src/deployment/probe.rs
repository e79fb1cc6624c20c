//! Probes: repeated checks of an instance.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::spec::MAX_ARGUMENTS;
use crate::value::{Argument, UrlPath};

/// A repeated check of an instance.
///
/// It is a flat struct instead of one type for each kind, so that a form can ask for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(custom(has_fields_of_its_kind))]
pub struct Probe {
    /// The kind of check.
    #[garde(skip)]
    #[serde(default)]
    pub kind: ProbeKind,
    /// The port, for `http` and `tcp`.
    #[garde(inner(range(min = 1)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The path that `http` requests; `/` when left out.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<UrlPath>,
    /// The program that `command` runs inside the instance, and its arguments. No shell.
    ///
    /// A single text counts as one argument a line.
    #[garde(dive, length(max = MAX_ARGUMENTS))]
    #[serde(
        default,
        deserialize_with = "crate::value::lines",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub command: Vec<Argument>,
    /// The time limit of one check, in milliseconds; 5 s when left out.
    #[garde(range(min = 100, max = 60_000))]
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u32,
    /// The time between two checks, in milliseconds; 10 s when left out.
    ///
    /// During startup, it is at most 2 s.
    #[garde(range(min = 500, max = 600_000))]
    #[serde(default = "default_interval_ms")]
    pub interval_ms: u32,
    /// The number of consecutive failures that make an instance unhealthy; default 3.
    ///
    /// During startup, failures do not count: the check repeats until it succeeds or the time
    /// is up.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "default_failures")]
    pub failures: u16,
}

/// The kind of a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// No check.
    #[default]
    None,
    /// A `GET` request must return a status from 200 to 399.
    Http,
    /// The port must accept a connection.
    Tcp,
    /// A program inside the instance must exit with code 0.
    Command,
}

/// The check of a probe, with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'probe> {
    /// Send `GET` for this path to this port.
    Http {
        /// The port.
        port: u16,
        /// The path.
        path: &'probe str,
    },
    /// Connect to this port.
    Tcp {
        /// The port.
        port: u16,
    },
    /// Run this program.
    Command(&'probe [Argument]),
}

impl ProbeKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::None, Self::Http, Self::Tcp, Self::Command];

    /// The kind's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Command => "command",
        }
    }
}

impl Probe {
    /// Returns the check; `None` if the probe is disabled or lacks a port.
    pub fn question(&self) -> Option<Question<'_>> {
        match self.kind {
            ProbeKind::None => None,
            ProbeKind::Http => Some(Question::Http {
                port: self.port?,
                path: self.path.as_ref().map_or("/", UrlPath::as_str),
            }),
            ProbeKind::Tcp => Some(Question::Tcp { port: self.port? }),
            ProbeKind::Command => Some(Question::Command(&self.command)),
        }
    }
}

impl Question<'_> {
    /// Returns the port to check; `None` for a command.
    pub const fn port(self) -> Option<u16> {
        match self {
            Self::Http { port, .. } | Self::Tcp { port } => Some(port),
            Self::Command(_) => None,
        }
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            kind: ProbeKind::default(),
            port: None,
            path: None,
            command: Vec::new(),
            timeout_ms: default_timeout_ms(),
            interval_ms: default_interval_ms(),
            failures: default_failures(),
        }
    }
}

/// Enough for a local program to answer.
const fn default_timeout_ms() -> u32 {
    5_000
}

const fn default_interval_ms() -> u32 {
    10_000
}

/// A single failure may be a lost response.
const fn default_failures() -> u16 {
    3
}

fn has_fields_of_its_kind(probe: &Probe, (): &()) -> garde::Result {
    let missing = match probe.kind {
        ProbeKind::Http | ProbeKind::Tcp if probe.port.is_none() => "Enter the port to probe.",
        ProbeKind::Command if probe.command.is_empty() => "Enter the command to run.",
        _ => return Ok(()),
    };
    Err(garde::Error::new(missing))
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::json;

    use super::{Probe, ProbeKind, Question};

    fn probe(value: serde_json::Value) -> Probe {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_probe_has_the_fields_of_its_kind() {
        for right in [
            json!({}),
            json!({"kind": "http", "port": 80}),
            json!({"kind": "tcp", "port": 80}),
            json!({"kind": "command", "command": "true"}),
        ] {
            assert!(probe(right.clone()).validate().is_ok(), "{right}");
        }
        for wrong in [
            json!({"kind": "http", "path": "/"}),
            json!({"kind": "tcp"}),
            json!({"kind": "tcp", "port": 0}),
            json!({"kind": "command"}),
            json!({"kind": "tcp", "port": 80, "timeout_ms": 0}),
        ] {
            assert!(probe(wrong.clone()).validate().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_question_has_the_usual_path() {
        let asked = probe(json!({"kind": "http", "port": 80}));
        let expected = Question::Http {
            port: 80,
            path: "/",
        };
        assert_eq!(asked.question(), Some(expected));
        assert_eq!(probe(json!({"port": 80})).question(), None);
    }

    #[test]
    fn kinds_have_the_same_name_everywhere() {
        for kind in ProbeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
