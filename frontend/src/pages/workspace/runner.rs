//! The runners of a workspace.

pub(crate) mod create_runner;
pub(crate) mod get_runner;
pub(crate) mod list_runners;
pub(crate) mod rotate_runner_token;
