//! Identifiers: one newtype for each kind of resource, to prevent confusion.
//!
//! On the wire, an id is a hyphenated UUIDv7; ids sort by the time at which they were created.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps an existing UUID, for example one read from a row.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the bare UUID, for binding to a query.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }
    )*};
}

ids! {
    /// An API token: the credential of a program that acts for a person.
    ApiTokenId,
    /// A deployment: an application that Berth keeps running.
    DeploymentId,
    /// An environment: the place of deployments, secrets and volumes.
    EnvironmentId,
    /// A program that runs inside an instance.
    ExecId,
    /// One running copy of a release.
    InstanceId,
    /// A line that an instance printed.
    LogLineId,
    /// A project: a group of environments.
    ProjectId,
    /// A registration request of a runner.
    RegistrationId,
    /// A registry that a workspace pulls images from.
    RegistryId,
    /// An immutable attempt to run a specification.
    ReleaseId,
    /// A run: a task of a deployment that ends.
    RunId,
    /// A runner: the agent that runs workloads on one platform.
    RunnerId,
    /// A secret of a workspace.
    SecretId,
    /// A signed-in browser.
    SessionId,
    /// A person.
    UserId,
    /// A volume: persistent data of deployments.
    VolumeId,
    /// A workspace: the tenant, and the boundary that data never crosses.
    WorkspaceId,
}
