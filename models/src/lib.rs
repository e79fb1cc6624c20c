//! The typed contract between Berth's server, dashboard, command line and runners.
//!
//! Nothing here does input or output: the crate compiles for the browser, and every other crate
//! of the workspace may depend on it. One declaration in [`api`] is one endpoint; everything that
//! serves, calls, checks or documents that endpoint is derived from it.

extern crate self as models;

pub mod actor;
pub mod ansi;
pub mod api;
pub mod api_token;
pub mod client;
pub mod deployment;
pub mod dotenv;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod exec;
pub mod form;
pub mod id;
pub mod machine_type;
pub mod name_or_id;
pub mod page;
pub mod project;
pub mod rbac;
pub mod registry;
pub mod request;
pub mod run;
pub mod runner;
pub mod secret;
pub mod time;
pub mod user;
pub mod value;
pub mod volume;
pub mod workspace;

/// Items for the endpoint macros, at paths that exist wherever the macros expand.
#[doc(hidden)]
pub mod private {
    pub use garde;
    pub use http;
    #[cfg(feature = "schema")]
    pub use schemars;
    pub use serde;

    /// Fails to compile unless `T` can be part of a response.
    pub const fn is_serialize<T: serde::Serialize>() {}
}

pub use id::{
    ApiTokenId, DeploymentId, EnvironmentId, ExecId, InstanceId, LogLineId, ProjectId,
    RegistrationId, RegistryId, ReleaseId, RunId, RunnerId, SecretId, SessionId, UserId, VolumeId,
    WorkspaceId,
};
