//! Signals and times for stopping instances.

use std::{fmt, str::FromStr};

use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The rule for stopping an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StopPolicy {
    /// The stop signal, for example `SIGQUIT` or `SIGRTMIN+3`. The image's own when left out.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<StopSignal>,
    /// The time until the instance is killed, in milliseconds; 10 s when left out.
    #[garde(range(max = 600_000))]
    #[serde(default = "default_grace_ms")]
    pub grace_ms: u32,
}

impl Default for StopPolicy {
    fn default() -> Self {
        Self {
            signal: None,
            grace_ms: default_grace_ms(),
        }
    }
}

/// The default of container engines.
const fn default_grace_ms() -> u32 {
    10_000
}

/// The highest n in `SIGRTMIN+n` that engines know.
const ABOVE_MIN: u8 = 15;
/// The highest n in `SIGRTMAX-n` that engines know.
const BELOW_MAX: u8 = 14;

/// A signal that asks a program to stop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "most are signal(7)'s own names")]
pub enum StopSignal {
    #[default]
    SigTerm,
    SigInt,
    SigQuit,
    SigHup,
    SigUsr1,
    SigUsr2,
    SigWinch,
    SigPwr,
    SigKill,
    /// `SIGRTMIN+n`, n from 0 to 15. With systemd as the first process, `SIGRTMIN+3` shuts
    /// down.
    RealTimeMin(u8),
    /// `SIGRTMAX-n`, n from 0 to 14.
    RealTimeMax(u8),
}

impl StopSignal {
    /// The signals with names of their own.
    const NAMED: [(Self, &'static str); 9] = [
        (Self::SigTerm, "SIGTERM"),
        (Self::SigInt, "SIGINT"),
        (Self::SigQuit, "SIGQUIT"),
        (Self::SigHup, "SIGHUP"),
        (Self::SigUsr1, "SIGUSR1"),
        (Self::SigUsr2, "SIGUSR2"),
        (Self::SigWinch, "SIGWINCH"),
        (Self::SigPwr, "SIGPWR"),
        (Self::SigKill, "SIGKILL"),
    ];

    /// Returns all signals.
    pub fn all() -> impl Iterator<Item = Self> {
        let named = Self::NAMED.iter().map(|(signal, _)| *signal);
        let lowest = (0..=ABOVE_MIN).map(Self::RealTimeMin);
        let highest = (0..=BELOW_MAX).rev().map(Self::RealTimeMax);
        named.chain(lowest).chain(highest)
    }
}

impl fmt::Display for StopSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RealTimeMin(0) => f.write_str("SIGRTMIN"),
            Self::RealTimeMin(above) => write!(f, "SIGRTMIN+{above}"),
            Self::RealTimeMax(0) => f.write_str("SIGRTMAX"),
            Self::RealTimeMax(below) => write!(f, "SIGRTMAX-{below}"),
            named => {
                let mut all = Self::NAMED.iter();
                let found = all.find(|(signal, _)| signal == named);
                f.write_str(found.map_or("SIGTERM", |(_, name)| name))
            }
        }
    }
}

/// A text that is not the name of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a supported stop signal; use one such as SIGTERM or SIGRTMIN+3")]
pub struct InvalidStopSignal;

impl FromStr for StopSignal {
    type Err = InvalidStopSignal;

    fn from_str(text: &str) -> Result<Self, InvalidStopSignal> {
        let mut all = Self::all();
        all.find(|signal| signal.to_string() == text)
            .ok_or(InvalidStopSignal)
    }
}

impl Serialize for StopSignal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StopSignal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for StopSignal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StopSignal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<String> = Self::all().map(|signal| signal.to_string()).collect();
        schemars::json_schema!({
            "description": "A signal by which programs may be asked to stop.",
            "type": "string",
            "enum": names,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{StopPolicy, StopSignal};

    #[test]
    fn signals_have_the_same_name_everywhere() {
        let names: Vec<String> = StopSignal::all().map(|signal| signal.to_string()).collect();
        assert_eq!(names.len(), 9 + 16 + 15);
        for (signal, name) in StopSignal::all().zip(&names) {
            assert_eq!(serde_json::to_value(signal).unwrap(), json!(name));
            let read: StopSignal = serde_json::from_value(json!(name)).unwrap();
            assert_eq!(read, signal);
        }
        for name in [
            "SIGTERM",
            "SIGQUIT",
            "SIGRTMIN",
            "SIGRTMIN+3",
            "SIGRTMAX-14",
        ] {
            assert!(names.iter().any(|known| known == name), "{name} is missing");
        }
    }

    #[test]
    fn an_invalid_signal_is_refused() {
        for wrong in [
            "",
            "TERM",
            "sigterm",
            "15",
            "SIGSTOP",
            "SIGRTMIN+16",
            "SIGRTMIN-1",
            "SIGRTMIN+03",
            "SIGRTMAX-15",
            "SIGRTMAX+1",
        ] {
            let read = serde_json::from_value::<StopSignal>(json!(wrong));
            assert!(read.is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_signal_that_is_left_out_stays_left_out() {
        let rule: StopPolicy = serde_json::from_value(json!({"grace_ms": 1})).unwrap();
        assert_eq!(rule.signal, None);
        assert_eq!(serde_json::to_value(rule).unwrap(), json!({"grace_ms": 1}));
    }
}
