//! The ids in the address of a page.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use models::{DeploymentId, WorkspaceId};

/// The workspace that the address names; none when it is no id.
pub(super) fn use_workspace_id() -> Memo<Option<WorkspaceId>> {
    use_id("workspace_id")
}

/// The deployment that the address names; none when it is no id.
pub(super) fn use_deployment_id() -> Memo<Option<DeploymentId>> {
    use_id("deployment_id")
}

fn use_id<T>(name: &'static str) -> Memo<Option<T>>
where
    T: std::str::FromStr + PartialEq + Send + Sync + 'static,
{
    let params = use_params_map();
    Memo::new(move |_| params.read().get_str(name).and_then(|id| id.parse().ok()))
}
