//! `/workspace/{workspace_id}/deployment/new`

use components::{page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::runner::{ListRunners, ListRunnersPath},
    page::Page,
    runner::Runner,
};

use super::create_form::CreateDeploymentForm;
use crate::{
    live::first_page,
    load::{Loaded, load},
    pages::workspace::ids::use_workspace_id,
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
        let runners = page.get_untracked().items;
        let form = workspace_id.get_untracked().map(|workspace_id| {
            let above = ("Deployments".to_owned(), paths::deployments(workspace_id));
            view! {
                <div class="page page-narrow">
                    <PageHeader title="New deployment" above=above />
                    <Card>
                        <CreateDeploymentForm workspace_id=workspace_id runners=runners />
                    </Card>
                </div>
            }
        });
        form.into_any()
    };
    view! {
        <Title text="New deployment" />
        <Loaded loading=runners view=view />
    }
}
