//! Pages of a workspace.

pub(crate) mod create_workspace;
pub(crate) mod deployment;
pub(crate) mod get_workspace;
mod ids;
pub(crate) mod registration;
pub(crate) mod registry;
mod resource;
pub(crate) mod runner;
pub(crate) mod secret;
pub(crate) mod volume;
