//! `/workspace/{workspace_id}/deployment/new`

use components::{page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::runner::{ListRunners, ListRunnersPath},
    page::Page,
    runner::Runner,
};

use super::create_form::CreateDeploymentForm;
use crate::{
    client::use_client,
    live::{LinkNotice, first_page, reload},
    load::{Loaded, load},
    pages::workspace::{following::follow_workspace, ids::use_workspace_id},
    paths,
};

/// Makes a deployment.
#[component]
pub(crate) fn CreateDeploymentPage() -> impl IntoView {
    let workspace_id = use_workspace_id();
    let path = move || {
        workspace_id
            .get()
            .map(|workspace_id| ListRunnersPath { workspace_id })
    };
    let runners = load::<ListRunners>(path, first_page());
    let view = move |page: RwSignal<Page<Runner>>| {
        workspace_id
            .get_untracked()
            .map(|workspace_id| view! { <NewDeployment workspace_id=workspace_id runners=page /> })
            .into_any()
    };
    view! {
        <Title text="New deployment" />
        <Loaded loading=runners view=view />
    }
}

#[component]
fn NewDeployment(workspace_id: WorkspaceId, runners: RwSignal<Page<Runner>>) -> impl IntoView {
    let client = use_client();
    let refresh = move || {
        let path = ListRunnersPath { workspace_id };
        reload::<ListRunners>(client.clone(), path, first_page(), runners);
    };
    let link = follow_workspace(workspace_id, || (), refresh);
    let above = ("Deployments".to_owned(), paths::deployments(workspace_id));
    view! {
        <div class="page page-narrow">
            <PageHeader title="New deployment" above=above />
            <Card>
                <CreateDeploymentForm workspace_id=workspace_id runners=runners />
            </Card>
            <LinkNotice link=link />
        </div>
    }
}
