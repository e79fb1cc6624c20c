//! Workspaces and their resources.

pub(super) mod api_token;
mod create_workspace;
pub(super) mod deployment;
pub(super) mod environment;
mod get_workspace;
mod list_trends;
mod list_workspaces;
pub(super) mod project;
pub(super) mod registration;
pub(super) mod registry;
pub(super) mod runner;
pub(super) mod secret;
mod stream_workspace;
pub(super) mod volume;

pub(super) use create_workspace::create_workspace;
pub(super) use get_workspace::get_workspace;
pub(super) use list_trends::list_trends;
pub(super) use list_workspaces::list_workspaces;
pub(super) use stream_workspace::stream_workspace;
