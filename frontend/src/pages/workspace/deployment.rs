//! The deployments of a workspace.

pub(crate) mod create_deployment;
mod create_form;
pub(crate) mod get_deployment;
pub(crate) mod get_release;
pub(crate) mod get_run;
pub(crate) mod get_stats;
pub(crate) mod list_deployments;
pub(crate) mod list_log_lines;
pub(crate) mod list_runs;
pub(crate) mod open_terminal;
mod run_command;
mod tabs;
pub(crate) mod update_deployment;

pub(super) use create_form::CreateDeploymentForm;
