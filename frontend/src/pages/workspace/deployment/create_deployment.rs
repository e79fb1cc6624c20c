//! `/workspace/{workspace_id}/deployment/new`: the form for a new deployment.

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
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    paths,
    sections::environment_switch::{
        EnvironmentOfForm, Environments, environment_in_address, environment_of_form,
        load_environments,
    },
};

/// The page with the form for a new deployment.
#[component]
pub(crate) fn CreateDeploymentPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListRunnersPath { workspace_id });
    let runners = load::<ListRunners>(path.clone(), first_page());
    let in_address = environment_in_address();
    let environments = load_environments(workspace_id());
    let view = move |(runners, environments): (Page<Runner>, Environments), _| {
        let environment = environment_of_form(&environments, in_address);
        let page = path.clone().map(|ListRunnersPath { workspace_id }| {
            let above = ("Deployments".to_owned(), paths::deployments(workspace_id));
            view! {
                <div class="page page-narrow">
                    <PageHeader title="New deployment" above=above />
                    <EnvironmentOfForm
                        page=paths::new_deployment(workspace_id)
                        environments=environments
                        current=environment
                    />
                    <Card>
                        <CreateDeploymentForm
                            workspace_id=workspace_id
                            environment=environment
                            runners=runners.items
                        />
                    </Card>
                </div>
            }
        });
        page.into_any()
    };
    view! {
        <Title text="New deployment" />
        <Loaded loading=(runners, environments) view=view />
    }
}
