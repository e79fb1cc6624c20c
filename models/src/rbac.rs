//! Role-based access control as data: permissions, sets of them, and roles.

mod grant_set;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use grant_set::GrantSet;

macro_rules! permissions {
    ($($(#[$doc:meta])* $resource:ident ($wire:literal) $action:ident {
        $($(#[$action_doc:meta])* $variant:ident = $action_wire:literal,)*
    })*) => {
        /// One permission; on the wire it is its name, for example `deployment.create`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $resource($action),)*
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &'static [Self] = &[$($(Self::$resource($action::$variant),)*)*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$resource($action::$variant) => concat!($wire, ".", $action_wire),)*)* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $action { $($(#[$action_doc])* $variant,)* }
        )*
    };
}

permissions! {
    /// Permissions on deployments.
    Deployment ("deployment") DeploymentAction {
        /// Create deployments.
        Create = "create",
        /// Delete deployments.
        Delete = "delete",
        /// Change settings, deploy, start and stop.
        Edit = "edit",
        /// Run programs inside instances.
        Exec = "exec",
        /// See deployments, their releases and logs. Excludes the values of [`Self::ViewValues`].
        View = "view",
        /// See the values of environment variables and the contents of configuration files.
        ViewValues = "view_values",
    }
    /// Permissions on environments.
    Environment ("environment") EnvironmentAction {
        /// Create environments.
        Create = "create",
        /// Delete environments.
        Delete = "delete",
        /// Rename environments.
        Edit = "edit",
        /// See environments.
        View = "view",
    }
    /// Permissions on projects.
    Project ("project") ProjectAction {
        /// Create projects.
        Create = "create",
        /// Delete projects.
        Delete = "delete",
        /// Rename projects.
        Edit = "edit",
        /// See projects.
        View = "view",
    }
    /// Permissions on the credentials for registries.
    Registry ("registry") RegistryAction {
        /// Add credentials for a registry.
        Create = "create",
        /// Delete credentials.
        Delete = "delete",
        /// Replace credentials.
        Edit = "edit",
        /// See hosts, user names and the deployments that pull from there. Nobody sees
        /// passwords.
        View = "view",
    }
    /// Permissions on runners.
    Runner ("runner") RunnerAction {
        /// Register runners.
        Create = "create",
        /// Delete runners.
        Delete = "delete",
        /// Rotate the tokens of runners.
        Edit = "edit",
        /// See runners.
        View = "view",
    }
    /// Permissions on secrets.
    Secret ("secret") SecretAction {
        /// Create secrets.
        Create = "create",
        /// Delete secrets.
        Delete = "delete",
        /// Replace the values of secrets.
        Edit = "edit",
        /// See the names of secrets and their users; nobody sees their values.
        View = "view",
    }
    /// Permissions on volumes.
    Volume ("volume") VolumeAction {
        /// Create volumes.
        Create = "create",
        /// Move volumes to the trash, and restore them.
        Delete = "delete",
        /// Rename and enlarge volumes.
        Edit = "edit",
        /// See volumes and their users.
        View = "view",
    }
    /// Permissions on the workspace itself.
    Workspace ("workspace") WorkspaceAction {
        /// See the name and the members of the workspace.
        View = "view",
    }
}

impl Permission {
    /// Returns the permission with this name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|permission| permission.name() == name)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Permission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| D::Error::custom(format!("no permission `{name}`")))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Permission {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Permission".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = Self::ALL
            .iter()
            .map(|permission| permission.name())
            .collect();
        schemars::json_schema!({
            "type": "string",
            "enum": names,
            "description": "A permission: the kind of resource, and the action on it.",
        })
    }
}

/// The role of a member of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Has all permissions in the workspace.
    Owner,
    /// Has read-only access. The values of variables and the contents of files are redacted.
    Viewer,
}

impl Role {
    /// All roles.
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Viewer];

    /// The permissions of the role's members in the whole workspace.
    pub fn grants(self) -> GrantSet {
        match self {
            Self::Owner => Permission::ALL.iter().copied().collect(),
            Self::Viewer => GrantSet::from_iter([
                Permission::Deployment(DeploymentAction::View),
                Permission::Environment(EnvironmentAction::View),
                Permission::Project(ProjectAction::View),
                Permission::Registry(RegistryAction::View),
                Permission::Runner(RunnerAction::View),
                Permission::Secret(SecretAction::View),
                Permission::Volume(VolumeAction::View),
                Permission::Workspace(WorkspaceAction::View),
            ]),
        }
    }

    /// The role's name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Viewer => "viewer",
        }
    }
}
