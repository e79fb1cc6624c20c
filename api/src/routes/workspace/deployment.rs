//! Deployments of a workspace.

mod cancel_release;
mod cancel_run;
mod create_deployment;
mod create_run;
mod delete_deployment;
mod deploy_deployment;
mod download_log;
mod get_deployment;
mod get_release;
mod get_run;
mod get_stats;
mod list_deployments;
mod list_log_lines;
mod list_releases;
mod list_runs;
mod list_scaling_changes;
mod open_terminal;
mod restart_deployment;
mod roll_back_deployment;
mod run_command;
mod start_deployment;
mod stop_deployment;
mod stream_deployment;
mod stream_log_lines;
mod stream_stats;
mod update_deployment;

use models::{DeploymentId, WorkspaceId};

use crate::{app::App, error::AppError, services};

pub(in crate::routes) use cancel_release::cancel_release;
pub(in crate::routes) use cancel_run::cancel_run;
pub(in crate::routes) use create_deployment::create_deployment;
pub(in crate::routes) use create_run::create_run;
pub(in crate::routes) use delete_deployment::delete_deployment;
pub(in crate::routes) use deploy_deployment::deploy_deployment;
pub(in crate::routes) use download_log::download_log;
pub(in crate::routes) use get_deployment::get_deployment;
pub(in crate::routes) use get_release::get_release;
pub(in crate::routes) use get_run::get_run;
pub(in crate::routes) use get_stats::get_stats;
pub(in crate::routes) use list_deployments::list_deployments;
pub(in crate::routes) use list_log_lines::list_log_lines;
pub(in crate::routes) use list_releases::list_releases;
pub(in crate::routes) use list_runs::list_runs;
pub(in crate::routes) use list_scaling_changes::list_scaling_changes;
pub(in crate::routes) use open_terminal::open_terminal;
pub(in crate::routes) use restart_deployment::restart_deployment;
pub(in crate::routes) use roll_back_deployment::roll_back_deployment;
pub(in crate::routes) use run_command::run_command;
pub(in crate::routes) use start_deployment::start_deployment;
pub(in crate::routes) use stop_deployment::stop_deployment;
pub(in crate::routes) use stream_deployment::stream_deployment;
pub(in crate::routes) use stream_log_lines::stream_log_lines;
pub(in crate::routes) use stream_stats::stream_stats;
pub(in crate::routes) use update_deployment::update_deployment;

/// Checks that a stream's deployment exists in the workspace of its path.
pub(in crate::routes) async fn exists(
    app: App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let found = services::deployment::get(&app, workspace_id, deployment_id).await;
    found.map(drop)
}
