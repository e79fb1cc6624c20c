//! `/workspace/{workspace_id}/deployment`

use components::{
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    icon::Glyph,
    page::PageHeader,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::deployment::{ListDeployments, ListDeploymentsPath},
    deployment::DeploymentSummary,
    page::Page,
    rbac::{DeploymentAction, Permission},
};

use super::rows::DeploymentRows;
use crate::{
    account::Allowed,
    api_call::ApiCall,
    client::use_client,
    live::{LinkNotice, first_page, reload},
    load::{Loaded, load},
    pages::workspace::{following::follow_workspace, ids::use_workspace_id},
    paths,
};

/// Lists a workspace's deployments.
#[component]
pub(crate) fn ListDeploymentsPage() -> impl IntoView {
    let workspace_id = use_workspace_id();
    let path = move || {
        workspace_id
            .get()
            .map(|workspace_id| ListDeploymentsPath { workspace_id })
    };
    let deployments = load::<ListDeployments>(path, first_page());
    let view = move |page| {
        workspace_id
            .get_untracked()
            .map(|workspace_id| view! { <Deployments workspace_id=workspace_id page=page /> })
            .into_any()
    };
    view! {
        <Title text="Deployments" />
        <Loaded loading=deployments view=view />
    }
}

#[component]
fn Deployments(
    workspace_id: WorkspaceId,
    page: RwSignal<Page<DeploymentSummary>>,
) -> impl IntoView {
    let path = ListDeploymentsPath { workspace_id };
    let client = use_client();
    let reload_path = path.clone();
    let refresh =
        move || reload::<ListDeployments>(client.clone(), reload_path.clone(), first_page(), page);
    let link = follow_workspace(workspace_id, refresh.clone(), refresh);
    let is_empty = Memo::new(move |_| page.read().items.is_empty());
    let more = move || {
        let page = page.read();
        let shown = i64::try_from(page.items.len()).unwrap_or(i64::MAX);
        (page.total > shown).then(|| {
            let text = format!("The first {shown} of {}.", page.total);
            view! { <p class="soft">{text}</p> }
        })
    };
    view! {
        <div class="page">
            <PageHeader
                title="Deployments"
                actions=move || {
                    view! {
                        <Allowed permission=Permission::Deployment(DeploymentAction::Create)>
                            <LinkButton
                                kind=ButtonKind::Primary
                                glyph=Glyph::Plus
                                href=paths::new_deployment(workspace_id)
                                label="New deployment"
                            />
                        </Allowed>
                    }
                }
            />
            <Show
                when=move || !is_empty.get()
                fallback=move || view! { <NoDeployments workspace_id=workspace_id /> }
            >
                <DeploymentRows
                    workspace_id=workspace_id
                    deployments=Signal::derive(move || page.read().items.clone())
                />
                {more}
            </Show>
            <ApiCall endpoint=ListDeployments path=path query=first_page() />
            <LinkNotice link=link />
        </div>
    }
}

#[component]
fn NoDeployments(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <EmptyState
            glyph=Glyph::Deployment
            title="No deployments yet"
            sentence="A deployment is an app that a runner keeps running: a container image, a port and its environment."
        >
            <Allowed permission=Permission::Deployment(DeploymentAction::Create)>
                <LinkButton
                    href=paths::new_deployment(workspace_id)
                    label="Deploy the example app"
                />
            </Allowed>
        </EmptyState>
    }
}
