//! Parties that act, as they are recorded and shown.

use serde::{Deserialize, Serialize};

use crate::value::DisplayName;

/// The kind of a party that acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A caller who is not signed in.
    Anonymous,
    /// A program with a token of a person or workspace.
    ApiToken,
    /// A person with an account.
    Person,
    /// A runner with its token.
    Runner,
    /// The server itself.
    System,
    /// A tag that moved at its registry.
    Tag,
}

/// The author of something, under the name of then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Author {
    /// The kind of party. Only this tells a person from a program of the same name.
    pub kind: ActorKind,
    /// The name for people.
    pub name: DisplayName,
}

impl ActorKind {
    const ALL: [Self; 6] = [
        Self::Anonymous,
        Self::ApiToken,
        Self::Person,
        Self::Runner,
        Self::System,
        Self::Tag,
    ];

    /// The name as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::ApiToken => "api_token",
            Self::Person => "person",
            Self::Runner => "runner",
            Self::System => "system",
            Self::Tag => "tag",
        }
    }

    /// The kind with this stored name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::ActorKind;

    #[test]
    fn a_stored_name_is_the_one_on_the_wire() {
        for kind in ActorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(ActorKind::named(kind.name()), Some(kind));
        }
        assert_eq!(ActorKind::named("push"), None);
    }
}
