//! Identifiers: one newtype for each kind of thing, so that two kinds are never mixed up.
//!
//! On the wire an id is a UUIDv7 in its hyphenated form; it sorts by the time it was made.

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

            /// The bare UUID, for binding to a query.
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
    /// A deployment: one app that should run.
    DeploymentId,
    /// A runner that asks to be registered.
    EnrolmentId,
    /// One program that is run inside an instance.
    ExecId,
    /// One running copy of a release.
    InstanceId,
    /// One line that an instance printed.
    LogLineId,
    /// A registry that a workspace pulls images from.
    RegistryId,
    /// One attempt to make what a deployment asks for true.
    ReleaseId,
    /// A machine or cluster that runs workloads.
    RunnerId,
    /// A secret of a workspace.
    SecretId,
    /// One signed-in browser.
    SessionId,
    /// A person.
    UserId,
    /// A volume: data that outlives what uses it.
    VolumeId,
    /// A workspace: what people share, and the boundary that data never crosses.
    WorkspaceId,
}
