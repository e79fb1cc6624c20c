//! One file an endpoint, at the path that its declaration has in `models::api`.
//!
//! A handler calls one service and shapes the answer; everything that can be checked has been.

mod machine_type;
mod runner;
mod session;
mod setup;
mod workspace;

use models::api::workspace::deployment::{
    OpenTerminalPath, StreamDeploymentPath, StreamLogLinesPath, StreamStatsPath,
};

use self::workspace::deployment::exists;
use crate::http::{Api, mount, mount_stream, mount_stream_of, mount_text};

/// Mounts where runners connect, and nothing else.
pub fn mount_links(api: Api) -> Api {
    mount_stream(api, runner::connect_runner)
}

/// Mounts every endpoint.
pub fn mount_all(api: Api) -> Api {
    let api = mount(api, machine_type::list_machine_types);
    let api = mount(api, session::get_session);
    let api = mount(api, session::sign_in);
    let api = mount(api, session::sign_out);
    let api = mount(api, setup::complete_setup);
    let api = mount(api, setup::get_setup);
    let api = mount(api, workspace::create_workspace);
    let api = mount(api, workspace::get_workspace);
    let api = mount(api, workspace::list_trends);
    let api = mount(api, workspace::list_workspaces);
    let api = mount(api, workspace::api_token::create_api_token);
    let api = mount(api, workspace::api_token::delete_api_token);
    let api = mount(api, workspace::api_token::get_api_token);
    let api = mount(api, workspace::api_token::list_api_tokens);
    let api = mount_deployments(api);
    let api = mount(api, workspace::environment::create_environment);
    let api = mount(api, workspace::environment::delete_environment);
    let api = mount(api, workspace::environment::get_environment);
    let api = mount(api, workspace::environment::list_environments);
    let api = mount(api, workspace::environment::update_environment);
    let api = mount(api, workspace::project::create_project);
    let api = mount(api, workspace::project::delete_project);
    let api = mount(api, workspace::project::get_project);
    let api = mount(api, workspace::project::list_projects);
    let api = mount(api, workspace::project::update_project);
    let api = mount(api, workspace::registration::approve_registration);
    let api = mount(api, workspace::registration::find_registration);
    let api = mount(api, workspace::registration::get_registration);
    let api = mount(api, workspace::registration::deny_registration);
    let api = mount(api, workspace::registry::create_registry);
    let api = mount(api, workspace::registry::delete_registry);
    let api = mount(api, workspace::registry::get_registry);
    let api = mount(api, workspace::registry::list_registries);
    let api = mount(api, workspace::registry::update_registry);
    let api = mount(api, workspace::runner::create_runner);
    let api = mount(api, workspace::runner::delete_runner);
    let api = mount(api, workspace::runner::get_runner);
    let api = mount(api, workspace::runner::list_runner_deployments);
    let api = mount(api, workspace::runner::list_runner_volumes);
    let api = mount(api, workspace::runner::list_runners);
    let api = mount(api, workspace::runner::rotate_runner_token);
    let api = mount(api, workspace::secret::create_secret);
    let api = mount(api, workspace::secret::delete_secret);
    let api = mount(api, workspace::secret::get_secret);
    let api = mount(api, workspace::secret::list_secrets);
    let api = mount(api, workspace::secret::update_secret);
    let api = mount(api, workspace::volume::create_volume);
    let api = mount(api, workspace::volume::delete_volume);
    let api = mount(api, workspace::volume::forget_volume);
    let api = mount(api, workspace::volume::get_volume);
    let api = mount(api, workspace::volume::list_volumes);
    let api = mount(api, workspace::volume::replace_lost_volume);
    let api = mount(api, workspace::volume::restore_volume);
    let api = mount(api, workspace::volume::update_volume);
    mount_streams(api)
}

/// Mounts the endpoints of deployments, their releases, logs and runs.
fn mount_deployments(api: Api) -> Api {
    let api = mount(api, workspace::deployment::cancel_release);
    let api = mount(api, workspace::deployment::cancel_run);
    let api = mount(api, workspace::deployment::create_deployment);
    let api = mount(api, workspace::deployment::create_run);
    let api = mount(api, workspace::deployment::delete_deployment);
    let api = mount(api, workspace::deployment::deploy_deployment);
    let api = mount(api, workspace::deployment::get_deployment);
    let api = mount(api, workspace::deployment::get_release);
    let api = mount(api, workspace::deployment::get_run);
    let api = mount(api, workspace::deployment::get_stats);
    let api = mount(api, workspace::deployment::list_deployments);
    let api = mount_text(api, workspace::deployment::download_log);
    let api = mount(api, workspace::deployment::list_log_lines);
    let api = mount(api, workspace::deployment::list_releases);
    let api = mount(api, workspace::deployment::list_runs);
    let api = mount(api, workspace::deployment::list_scaling_changes);
    let api = mount(api, workspace::deployment::restart_deployment);
    let api = mount(api, workspace::deployment::roll_back_deployment);
    let api = mount(api, workspace::deployment::run_command);
    let api = mount(api, workspace::deployment::start_deployment);
    let api = mount(api, workspace::deployment::stop_deployment);
    mount(api, workspace::deployment::update_deployment)
}

/// Mounts every stream.
fn mount_streams(api: Api) -> Api {
    let api = mount_stream(api, runner::connect_runner);
    let api = mount_stream(api, runner::register_runner);
    let api = mount_stream(api, workspace::stream_workspace);
    let api = mount_stream_of(
        api,
        |app, path: OpenTerminalPath| exists(app, path.workspace_id, path.deployment_id),
        workspace::deployment::open_terminal,
    );
    let api = mount_stream_of(
        api,
        |app, path: StreamDeploymentPath| exists(app, path.workspace_id, path.deployment_id),
        workspace::deployment::stream_deployment,
    );
    let api = mount_stream_of(
        api,
        |app, path: StreamLogLinesPath| exists(app, path.workspace_id, path.deployment_id),
        workspace::deployment::stream_log_lines,
    );
    mount_stream_of(
        api,
        |app, path: StreamStatsPath| exists(app, path.workspace_id, path.deployment_id),
        workspace::deployment::stream_stats,
    )
}
