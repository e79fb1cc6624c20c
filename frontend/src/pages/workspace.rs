//! Pages of a workspace.

pub(crate) mod api_token;
pub(crate) mod create_workspace;
pub(crate) mod deployment;
pub(crate) mod environment;
pub(crate) mod get_workspace;
pub(crate) mod ids;
pub(crate) mod project;
pub(crate) mod registration;
pub(crate) mod registry;
mod resource;
pub(crate) mod runner;
pub(crate) mod secret;
pub(crate) mod volume;
