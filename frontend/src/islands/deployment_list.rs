//! A workspace's deployments, kept up to date.

use components::{button::LinkButton, changing::changing, empty::EmptyState, icon::Glyph};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::deployment::{ListDeployments, ListDeploymentsPath},
    deployment::DeploymentSummary,
    page::Page,
};

use super::{deployment_rows::DeploymentRows, following::follow_workspace, handed::Handed};
use crate::{
    client::use_client,
    live::{LinkNotice, first_page, reload},
    paths,
};

/// Lists deployments.
#[island]
pub(crate) fn DeploymentList(
    /// The workspace.
    workspace_id: WorkspaceId,
    /// Its deployments.
    page: Handed<Page<DeploymentSummary>>,
    /// Whether the person may make one.
    may_create: bool,
) -> impl IntoView {
    let page = RwSignal::new(page.0);
    let client = use_client();
    let refresh = move || {
        let path = ListDeploymentsPath { workspace_id };
        reload::<ListDeployments>(client.clone(), path, first_page(), page);
    };
    let link = follow_workspace(workspace_id, refresh.clone(), refresh);
    let list = changing(move || {
        let page = page.get();
        if page.items.is_empty() {
            return view! { <NoDeployments workspace_id=workspace_id may_create=may_create /> }
                .into_any();
        }
        let shown = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
        let more = (page.total > shown).then(|| format!("The first {shown} of {}.", page.total));
        view! {
            <DeploymentRows workspace_id=workspace_id deployments=page.items />
            {more.map(|more| view! { <p class="soft">{more}</p> })}
        }
        .into_any()
    });
    view! {
        {list}
        <LinkNotice link=link />
    }
}

#[component]
fn NoDeployments(workspace_id: WorkspaceId, may_create: bool) -> impl IntoView {
    let first = may_create.then(|| {
        view! {
            <LinkButton href=paths::new_deployment(workspace_id) label="Deploy the example app" />
        }
    });
    view! {
        <EmptyState
            glyph=Glyph::Deployment
            title="No deployments yet"
            sentence="A deployment is an app that a runner keeps running: a container image, a port and its environment."
        >
            {first}
        </EmptyState>
    }
}
