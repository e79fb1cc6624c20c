//! The health check that an image declares.

use serde::{Deserialize, Serialize};

/// The use of an image's health check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ImageCheckUse {
    /// It verifies a release without a startup probe, and monitors running instances.
    #[default]
    Use,
    /// It is disabled.
    Ignore,
}

impl ImageCheckUse {
    /// All uses.
    pub const ALL: [Self; 2] = [Self::Use, Self::Ignore];

    /// Returns the name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Ignore => "ignore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ImageCheckUse;

    #[test]
    fn uses_have_the_same_name_everywhere() {
        for used in ImageCheckUse::ALL {
            assert_eq!(serde_json::to_value(used).unwrap(), used.name());
        }
    }
}
