//! A workspace's deployments.

use components::{button::LinkButton, empty::EmptyState, icon::Glyph};
use leptos::prelude::*;
use models::{
    WorkspaceId, api::workspace::ListTrendsResponse, deployment::DeploymentSummary, page::Page,
};

use super::deployment_rows::DeploymentRows;
use crate::{
    paging::{Pages, Paging},
    paths,
};

/// Lists deployments.
#[component]
pub(crate) fn DeploymentList(
    workspace_id: WorkspaceId,
    paging: Paging,
    page: Page<DeploymentSummary>,
    /// Recent resource usage, if known.
    trends: Option<ListTrendsResponse>,
    /// True if the rows are of several environments.
    several: bool,
    /// True if the person may create a deployment.
    may_create: bool,
) -> impl IntoView {
    if page.total == 0 {
        return view! { <NoDeployments workspace_id=workspace_id may_create=may_create /> }
            .into_any();
    }
    view! {
        <DeploymentRows workspace_id=workspace_id deployments=page.items trends=trends several=several />
        <Pages paging=paging next=page.next_cursor total=page.total />
    }
    .into_any()
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
            sentence="A deployment is an app that a runner keeps running: a container image, a port and its variables."
        >
            {first}
        </EmptyState>
    }
}
