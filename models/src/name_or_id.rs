//! Path fields that take a resource's name in place of its id.

mod qualified;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use self::qualified::{Qualified, QualifiedEnvironment, split_qualified};
use crate::{
    ApiTokenId, DeploymentId, EnvironmentId, InstanceId, ProjectId, RegistrationId, RegistryId,
    ReleaseId, RunId, RunnerId, SecretId, VolumeId, WorkspaceId,
    value::{RegistryHost, ResourceName, SecretName},
};

/// The id of a resource, or its name.
///
/// A text that is a UUID is always an id; new resources cannot be given such a name, except
/// registries, whose names are hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameOrId<T: Named> {
    /// The id.
    Id(T),
    /// The name, which only the server can look up.
    Name(T::Name),
}

/// The kinds of resources that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceKind {
    /// A deployment, with a name unique in its environment.
    Deployment,
    /// An environment, with a name unique in its project.
    Environment,
    /// A project, with a name unique in its workspace.
    Project,
    /// A registry, with a host unique in its workspace.
    Registry,
    /// A runner, with a name unique in its workspace.
    Runner,
    /// A secret, with a name unique in its environment.
    Secret,
    /// A volume, with a name unique in its environment.
    Volume,
    /// A workspace, whose name another workspace may have too.
    Workspace,
}

/// An id whose resource has a name.
pub trait Named:
    PathField<Written = NameOrId<Self>>
    + Copy
    + PartialEq
    + fmt::Debug
    + fmt::Display
    + Send
    + Sync
    + 'static
{
    /// The type of the name.
    type Name: Clone + fmt::Debug + fmt::Display + PartialEq + Send + Sync + 'static;

    /// Returns the id that a text is.
    fn parse_id(text: &str) -> Option<Self>;

    /// Returns the name that a text is.
    fn parse_name(text: &str) -> Option<Self::Name>;
}

/// A type of the fields of a path.
pub trait PathField: Sized {
    /// The type of the field in a request, where a name may stand in place of the id.
    type Written;
    /// The kind of resource, if it has a name.
    const KIND: Option<ResourceKind>;
}

macro_rules! path_fields {
    (named: [$($id:ident: $kind:ident by $name:ty,)*] by_id_only: [$($other:ident,)*]) => {
        $(
            impl PathField for $id {
                type Written = NameOrId<Self>;
                const KIND: Option<ResourceKind> = Some(ResourceKind::$kind);
            }

            impl Named for $id {
                type Name = $name;

                fn parse_id(text: &str) -> Option<Self> {
                    text.parse().ok()
                }

                fn parse_name(text: &str) -> Option<$name> {
                    text.parse().ok()
                }
            }
        )*
        $(
            impl PathField for $other {
                type Written = Self;
                const KIND: Option<ResourceKind> = None;
            }
        )*
    };
}

path_fields! {
    named: [
        DeploymentId: Deployment by Qualified<ResourceName>,
        EnvironmentId: Environment by QualifiedEnvironment,
        ProjectId: Project by ResourceName,
        RegistryId: Registry by RegistryHost,
        RunnerId: Runner by ResourceName,
        SecretId: Secret by Qualified<SecretName>,
        VolumeId: Volume by Qualified<ResourceName>,
        WorkspaceId: Workspace by ResourceName,
    ]
    by_id_only: [
        ApiTokenId,
        InstanceId,
        RegistrationId,
        ReleaseId,
        RunId,
    ]
}

impl<T: Named> NameOrId<T> {
    /// Reads a text; `None` if it can be neither an id nor a name.
    pub fn parse(text: &str) -> Option<Self> {
        match T::parse_id(text) {
            Some(id) => Some(Self::Id(id)),
            None => T::parse_name(text).map(Self::Name),
        }
    }
}

impl<T: Named> From<T> for NameOrId<T> {
    fn from(id: T) -> Self {
        Self::Id(id)
    }
}

impl<T: Named> fmt::Display for NameOrId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => fmt::Display::fmt(id, f),
            Self::Name(name) => fmt::Display::fmt(name, f),
        }
    }
}

impl<T: Named> Serialize for NameOrId<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: Named> Deserialize<'de> for NameOrId<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected an id or a name"))
    }
}

#[cfg(feature = "schema")]
impl<T> schemars::JsonSchema for NameOrId<T>
where
    T: Named<Name: schemars::JsonSchema> + schemars::JsonSchema,
{
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}OrName", T::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                generator.subschema_for::<T>(),
                generator.subschema_for::<T::Name>(),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::NameOrId;
    use crate::{DeploymentId, RegistryId, SecretId};

    const ID: &str = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";

    #[test]
    fn a_uuid_is_an_id_and_anything_else_a_name() {
        let id = ID.parse().unwrap();
        assert_eq!(NameOrId::<DeploymentId>::parse(ID), Some(NameOrId::Id(id)));
        for name in ["web", "a0eebc99", "staging:web", "shop:staging:web"] {
            let parsed = NameOrId::<DeploymentId>::parse(name).unwrap();
            assert!(matches!(parsed, NameOrId::Name(_)), "{name}");
            assert_eq!(parsed.to_string(), name);
        }
        assert_eq!(NameOrId::<DeploymentId>::parse("Not A Name"), None);
        assert!(NameOrId::<SecretId>::parse("Stripe_Key").is_some());
    }

    #[test]
    fn a_registry_is_named_by_its_host_in_any_spelling() {
        let parsed = NameOrId::<RegistryId>::parse("GHCR.io").unwrap();
        assert_eq!(serde_json::to_value(&parsed).unwrap(), "ghcr.io");
    }
}
