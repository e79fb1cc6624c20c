//! Role-based access control as data: permissions on resources, and roles.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $resource:ident ($wire:literal) $action:ident {
        $($(#[$action_doc:meta])* $variant:ident = $action_wire:literal,)*
    })*) => {
        /// One permission that a role may have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $resource($action),)*
        }

        impl Permission {
            /// All permissions.
            pub const ALL: &'static [Self] = &[$($(Self::$resource($action::$variant),)*)*];

            /// The permission's name on the wire, for example `deployment.create`.
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

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

    /// True if the role has this permission.
    pub const fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Owner => true,
            Self::Viewer => matches!(
                permission,
                Permission::Deployment(DeploymentAction::View)
                    | Permission::Registry(RegistryAction::View)
                    | Permission::Runner(RunnerAction::View)
                    | Permission::Secret(SecretAction::View)
                    | Permission::Volume(VolumeAction::View)
                    | Permission::Workspace(WorkspaceAction::View)
            ),
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
