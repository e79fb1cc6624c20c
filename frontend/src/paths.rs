//! The addresses of the pages.

use leptos::prelude::GetUntracked;
use leptos_router::location::{Location, Url};
use models::{DeploymentId, WorkspaceId};

/// Where people sign in.
pub(crate) const SIGN_IN: &str = "/sign-in";
/// Where a workspace is made.
pub(crate) const NEW_WORKSPACE: &str = "/workspace/new";

/// Whether the page of this address is taken over by the browser.
#[cfg(feature = "ssr")]
pub(crate) fn is_live(path: &str) -> bool {
    path.starts_with("/workspace")
}

/// The path and query of the page that the server renders.
#[cfg(feature = "ssr")]
pub(crate) fn requested() -> Option<String> {
    use leptos::prelude::use_context;
    use leptos_router::location::RequestUrl;

    let url = use_context::<RequestUrl>()?.parse().ok()?;
    Some(with_search(url.path(), url.search()))
}

/// A workspace's first page.
pub(crate) fn workspace(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}")
}

/// A workspace's deployments.
pub(crate) fn deployments(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/deployment")
}

/// Where a deployment is made.
pub(crate) fn new_deployment(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/deployment/new")
}

/// A deployment's first page.
pub(crate) fn deployment(workspace: WorkspaceId, deployment: DeploymentId) -> String {
    format!("/workspace/{workspace}/deployment/{deployment}")
}

/// A deployment's log.
pub(crate) fn logs(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/logs", deployment(workspace, id))
}

/// A deployment's settings.
pub(crate) fn settings(workspace: WorkspaceId, id: DeploymentId) -> String {
    format!("{}/settings", deployment(workspace, id))
}

/// A workspace's runners.
pub(crate) fn runners(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/runner")
}

/// Where a runner is added.
pub(crate) fn new_runner(workspace: WorkspaceId) -> String {
    format!("/workspace/{workspace}/runner/new")
}

/// The path and query of an address.
pub(crate) fn of(location: &Location) -> String {
    with_search(
        &location.pathname.get_untracked(),
        &location.search.get_untracked(),
    )
}

fn with_search(path: &str, search: &str) -> String {
    if search.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{search}")
    }
}

/// Sign in first, then come back to this page.
pub(crate) fn sign_in_for(page: &str) -> String {
    format!("{SIGN_IN}?next={}", Url::escape(page))
}

/// The workspace that an address is in.
pub(crate) fn workspace_of(path: &str) -> Option<WorkspaceId> {
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
        let path = format!("/workspace/{id}/runner");
        assert_eq!(
            workspace_of(&path).map(workspace),
            Some(format!("/workspace/{id}"))
        );
        assert_eq!(workspace_of("/workspace/new"), None);
        assert_eq!(workspace_of("/sign-in"), None);
    }

    #[test]
    fn the_page_to_come_back_to_is_one_parameter() {
        assert_eq!(sign_in_for("/a?b=c&d"), "/sign-in?next=%2Fa%3Fb%3Dc%26d");
    }
}
