//! Runners of a workspace.

mod create_runner;
mod delete_runner;
mod get_runner;
mod list_runner_deployments;
mod list_runner_volumes;
mod list_runners;
mod rotate_runner_token;

pub(in crate::routes) use create_runner::create_runner;
pub(in crate::routes) use delete_runner::delete_runner;
pub(in crate::routes) use get_runner::get_runner;
pub(in crate::routes) use list_runner_deployments::list_runner_deployments;
pub(in crate::routes) use list_runner_volumes::list_runner_volumes;
pub(in crate::routes) use list_runners::list_runners;
pub(in crate::routes) use rotate_runner_token::rotate_runner_token;
