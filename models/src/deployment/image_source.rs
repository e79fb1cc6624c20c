//! The origin of a release's image.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The origin of a release's image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum ImageSource {
    /// The registry, which resolved the reference at that time.
    Registry,
    /// The digest in the release; no registry had to resolve it.
    Digest,
    /// A copy on the runner's host, stored under that name.
    // The name that earlier versions stored and sent.
    #[serde(alias = "machine")]
    Host {
        /// The reason for not using the registry's image.
        because: CopyReason,
        /// The build time of the copy; absent if the copy does not state it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        built_at: Option<Timestamp>,
    },
}

/// Reasons for using the copy on the runner's host instead of the registry's image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CopyReason {
    /// The registry has no such image.
    NotFound,
    /// The registry has no such image or denies access. The copy never came from there.
    NotGiven,
    /// The registry did not answer, or its answer was not understood.
    NoAnswer,
    /// The registry currently limits pulls.
    Limited,
    /// The host policy forbids asking that registry. The copy never came from there.
    NotAsked,
}

impl ImageSource {
    /// Returns the reason for using the host's copy, for people; `None` if not used.
    pub const fn fallback(self) -> Option<&'static str> {
        match self {
            Self::Registry | Self::Digest => None,
            Self::Host { because, .. } => Some(match because {
                CopyReason::NotFound => "not found in the registry",
                CopyReason::NotGiven => "not found in the registry, or not public",
                CopyReason::NotAsked => "not looked up, because the host policy does not allow it",
                CopyReason::NoAnswer => "not looked up, because the registry did not respond",
                CopyReason::Limited => "not looked up, because of the registry's rate limit",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{CopyReason, ImageSource};

    #[test]
    fn a_copy_on_the_host_is_read_under_its_earlier_name_too() {
        let copy = ImageSource::Host {
            because: CopyReason::NotFound,
            built_at: None,
        };
        let current = json!({"from": "host", "because": "not_found"});
        assert_eq!(serde_json::to_value(copy).unwrap(), current);
        for name in ["host", "machine"] {
            let read = json!({"from": name, "because": "not_found"});
            assert_eq!(serde_json::from_value::<ImageSource>(read).unwrap(), copy);
        }
    }
}
