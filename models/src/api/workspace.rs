//! Workspaces and their resources.

pub mod api_token;
mod create_workspace;
pub mod deployment;
pub mod environment;
mod get_workspace;
mod list_trends;
mod list_workspaces;
pub mod project;
pub mod registration;
pub mod registry;
pub mod runner;
pub mod secret;
mod stream_workspace;
pub mod volume;

pub use create_workspace::*;
pub use get_workspace::*;
pub use list_trends::*;
pub use list_workspaces::*;
pub use stream_workspace::*;
