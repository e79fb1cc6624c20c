//! Actors, as they are recorded and shown.

use serde::{Deserialize, Serialize};

use crate::value::DisplayName;

/// The kind of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A caller who is not signed in.
    Anonymous,
    /// A program with a token of a person or a workspace.
    ApiToken,
    /// A person with an account.
    Person,
    /// A runner with its token.
    Runner,
    /// The server itself.
    System,
    /// A tag that moved in its registry.
    Tag,
}

/// The author of a change, under the name at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Author {
    /// The kind of actor. Only this distinguishes a person from a program of the same name.
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

    /// The name in the database.
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

    /// Returns the kind with this name in the database.
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
