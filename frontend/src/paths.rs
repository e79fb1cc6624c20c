//! The addresses of the pages.

use leptos::prelude::use_context;
use leptos_router::location::{RequestUrl, Url};
use models::{
    ApiTokenId, DeploymentId, EnvironmentId, InstanceId, ProjectId, RegistryId, ReleaseId, RunId,
    RunnerId, SecretId, VolumeId, WorkspaceId, value::UserCode,
};

/// The sign-in page.
pub(crate) const SIGN_IN: &str = "/sign-in";

/// A workspace's first page.
pub(crate) fn workspace(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}")
}

/// A workspace's deployments.
pub(crate) fn deployments(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/deployment")
}

/// The form for a new deployment.
pub(crate) fn new_deployment(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/deployment/new")
}

/// A deployment's first page.
pub(crate) fn deployment(workspace: WorkspaceId, deployment: DeploymentId) -> String {
    format!("/workspace/{workspace}/deployment/{deployment}")
}

/// A workspace's runners.
pub(crate) fn runners(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/runner")
}

/// The form for a new workspace.
pub(crate) const NEW_WORKSPACE: &str = "/workspace/new";

/// A deployment's log.
pub(crate) fn logs(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/logs", deployment(workspace, id))
}

/// The lines of one instance in a deployment's log.
pub(crate) fn instance_log(workspace: WorkspaceId, id: DeploymentId, one: InstanceId) -> String {
    format!("{}?instance_id={one}", logs(workspace, id))
}

/// A deployment's runs.
pub(crate) fn runs(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/runs", deployment(workspace, id))
}

/// A deployment's run.
pub(crate) fn run(workspace: WorkspaceId, id: DeploymentId, run: RunId) -> String {
    format!("{}/run/{run}", deployment(workspace, id))
}

/// The resource usage of a deployment's instances.
pub(crate) fn metrics(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/metrics", deployment(workspace, id))
}

/// The terminal for a deployment's instances.
pub(crate) fn terminal(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/terminal", deployment(workspace, id))
}

/// A deployment's settings.
pub(crate) fn settings(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/settings", deployment(workspace, id))
}

/// A deployment's release.
pub(crate) fn release(workspace: WorkspaceId, id: DeploymentId, release: ReleaseId) -> String {
    format!("{}/release/{release}", deployment(workspace, id))
}

/// The form for a new runner.
pub(crate) fn new_runner(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/runner/new")
}

/// A runner.
pub(crate) fn runner(workspace: WorkspaceId, runner: RunnerId) -> String {
    format!("/workspace/{workspace}/runner/{runner}")
}

/// The form for the user code of a runner that requests registration.
pub(crate) fn enter_code(workspace: WorkspaceId, code: Option<&UserCode>) -> String {
    let code = code.map_or_else(String::new, |code| format!("?code={code}"));
    format!("/workspace/{workspace}/registration{code}")
}

/// The form for a new token of a runner.
pub(crate) fn runner_token(workspace: WorkspaceId, runner: RunnerId) -> String {
    format!("/workspace/{workspace}/runner/{runner}/token")
}

/// A person's API tokens in a workspace.
pub(crate) fn api_tokens(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/api-token")
}

/// The form for a new API token.
pub(crate) fn new_api_token(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/api-token/new")
}

/// An API token.
pub(crate) fn api_token(workspace: WorkspaceId, token: ApiTokenId) -> String {
    format!("/workspace/{workspace}/api-token/{token}")
}

/// A workspace's secrets.
pub(crate) fn secrets(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/secret")
}

/// The form for a new secret.
pub(crate) fn new_secret(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/secret/new")
}

/// A secret.
pub(crate) fn secret(workspace: WorkspaceId, secret: SecretId) -> String {
    format!("/workspace/{workspace}/secret/{secret}")
}

/// A workspace's registries.
pub(crate) fn registries(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/registry")
}

/// The form for a new registry.
pub(crate) fn new_registry(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/registry/new")
}

/// A registry.
pub(crate) fn registry(workspace: WorkspaceId, registry: RegistryId) -> String {
    format!("/workspace/{workspace}/registry/{registry}")
}

/// A workspace's projects.
pub(crate) fn projects(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/project")
}

/// The form for a new project.
pub(crate) fn new_project(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/project/new")
}

/// A project.
pub(crate) fn project(workspace: WorkspaceId, project: ProjectId) -> String {
    format!("/workspace/{workspace}/project/{project}")
}

/// The form for a new environment of a project.
pub(crate) fn new_environment(workspace: WorkspaceId, project: ProjectId) -> String {
    format!("/workspace/{workspace}/environment/new?project={project}")
}

/// An environment.
pub(crate) fn environment(workspace: WorkspaceId, environment: EnvironmentId) -> String {
    format!("/workspace/{workspace}/environment/{environment}")
}

/// A list or a form, limited to an environment.
pub(crate) fn within(page: &str, environment: Option<EnvironmentId>) -> String {
    match environment {
        Some(environment) => format!("{page}?environment={environment}"),
        None => page.to_owned(),
    }
}

/// A workspace's volumes.
pub(crate) fn volumes(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/volume")
}

/// The form for a new volume.
pub(crate) fn new_volume(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/volume/new")
}

/// A volume.
pub(crate) fn volume(workspace: WorkspaceId, volume: VolumeId) -> String {
    format!("/workspace/{workspace}/volume/{volume}")
}

/// The sign-in page; it leads back to this page.
pub(crate) fn sign_in_for(page: &str) -> String {
    format!("{SIGN_IN}?next={}", Url::escape(page))
}

/// True if the page at this address has islands.
pub(crate) fn is_live(path: &str) -> bool {
    path.starts_with("/workspace")
}

/// Returns the path and query of the page being rendered.
pub(crate) fn requested() -> Option<String> {
    let url = use_context::<RequestUrl>()?.parse().ok()?;
    Some(if url.search().is_empty() {
        url.path().to_owned()
    } else {
        format!("{}?{}", url.path(), url.search())
    })
}

/// Returns the workspace of an address; `None` if it is outside a workspace.
pub(crate) fn workspace_of(path: &str) -> Option<WorkspaceId> {
    let path = Url::unescape(path);
    let mut parts = path.split('/').skip(1);
    match (parts.next(), parts.next()) {
        (Some("workspace"), Some(id)) => id.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{sign_in_for, workspace, workspace_of};

    #[test]
    fn the_workspace_is_read_from_any_address_in_it() {
        let id = "01890000-0000-7000-8000-000000000000";
        for path in [
            format!("/workspace/{id}/runner"),
            format!("/workspace/{}", id.replace('-', "%2D")),
        ] {
            assert_eq!(
                workspace_of(&path).map(workspace),
                Some(format!("/workspace/{id}"))
            );
        }
        assert_eq!(workspace_of("/workspace/new"), None);
        assert_eq!(workspace_of("/sign-in"), None);
    }

    #[test]
    fn the_page_to_come_back_to_is_one_parameter() {
        assert_eq!(sign_in_for("/a?b=c&d"), "/sign-in?next=%2Fa%3Fb%3Dc%26d");
    }
}
