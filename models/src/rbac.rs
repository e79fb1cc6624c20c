//! Who may do what, as data: permissions on kinds of resources, and the roles that hold them.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($(#[$doc:meta])* $resource:ident ($wire:literal) $action:ident {
        $($(#[$action_doc:meta])* $variant:ident = $action_wire:literal,)*
    })*) => {
        /// One thing that a role may allow.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[$doc])* $resource($action),)*
        }

        impl Permission {
            /// Every permission there is.
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
    /// What may be done with deployments.
    Deployment ("deployment") DeploymentAction {
        /// Make a new one.
        Create = "create",
        /// Ask for its deletion.
        Delete = "delete",
        /// Change what it asks for, deploy, start, stop.
        Edit = "edit",
        /// Run programs inside its instances.
        Exec = "exec",
        /// See it, its releases and its logs, but for what [`Self::ViewValues`] shows.
        View = "view",
        /// See the values of its environment variables and the contents of its configuration files.
        ViewValues = "view_values",
    }
    /// What may be done with the credentials for registries.
    Registry ("registry") RegistryAction {
        /// Keep those for another one.
        Create = "create",
        /// Forget them.
        Delete = "delete",
        /// Replace them.
        Edit = "edit",
        /// See hosts, user names and who pulls from there; passwords nobody sees.
        View = "view",
    }
    /// What may be done with runners.
    Runner ("runner") RunnerAction {
        /// Register a new one.
        Create = "create",
        /// Take one away.
        Delete = "delete",
        /// Give one another token.
        Edit = "edit",
        /// See them.
        View = "view",
    }
    /// What may be done with secrets.
    Secret ("secret") SecretAction {
        /// Keep a new one.
        Create = "create",
        /// Forget one.
        Delete = "delete",
        /// Replace the value of one.
        Edit = "edit",
        /// See their names and who uses them; their values nobody sees.
        View = "view",
    }
    /// What may be done with volumes.
    Volume ("volume") VolumeAction {
        /// Make a new one.
        Create = "create",
        /// Put one into the trash, and take it out again.
        Delete = "delete",
        /// Rename or enlarge one.
        Edit = "edit",
        /// See them and who uses them.
        View = "view",
    }
    /// What may be done with the workspace itself.
    Workspace ("workspace") WorkspaceAction {
        /// See its name and who is in it.
        View = "view",
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a member of a workspace is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May do everything in the workspace.
    Owner,
    /// May look and change nothing; the values of variables and the contents of files are hidden.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Viewer];

    /// Whether the role allows this.
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
