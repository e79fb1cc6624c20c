//! The place that the image of a release came from.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The place that the image of a release came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum ImageSource {
    /// Its registry, which said what the reference means at that moment.
    Registry,
    /// The release names it by digest, so nobody was asked.
    Digest,
    /// The runner's machine, which had a copy under that name.
    Machine {
        /// The reason why it is not the registry's image.
        because: CopyReason,
        /// When the copy was built; absent when it does not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        built_at: Option<Timestamp>,
    },
}

/// Reasons to run the copy on the runner's machine instead of the registry's image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CopyReason {
    /// The registry has no such image.
    NotFound,
    /// The registry has no such image or does not give it away, and the copy never was there.
    NotGiven,
    /// The registry did not answer, or not so that it could be understood.
    NoAnswer,
    /// The registry answered that it limits pulls for now.
    Limited,
    /// The policy of the runner's machine lets nobody ask that registry, and the copy never was there.
    NotAsked,
}

impl ImageSource {
    /// The reason for using the machine's copy, for people; absent when it is not used.
    pub const fn fallback(self) -> Option<&'static str> {
        match self {
            Self::Registry | Self::Digest => None,
            Self::Machine { because, .. } => Some(match because {
                CopyReason::NotFound => "not found at the registry",
                CopyReason::NotGiven => "not found at the registry, or not for everybody",
                CopyReason::NotAsked => {
                    "not looked up, since the runner's machine does not allow it"
                }
                CopyReason::NoAnswer => "not looked up, since the registry did not answer",
                CopyReason::Limited => "not looked up, since the registry limits pulls for now",
            }),
        }
    }
}
