//! `/workspace/{workspace_id}/runner/{runner_id}`: a runner.

mod about;
mod removal;
mod workloads;

use components::page::PageHeader;
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        runner::{
            GetRunner, GetRunnerPath, GetRunnerResponse, ListRunnerDeployments,
            ListRunnerDeploymentsPath, ListRunnerVolumes, ListRunnerVolumesPath,
        },
    },
    deployment::DeploymentSummary,
    endpoint::Empty,
    page::Page,
    rbac::{Permission, RunnerAction},
    runner::Runner,
    volume::Volume,
};

use self::{
    about::About,
    removal::{Removal, Token},
    workloads::{Deployments, Volumes},
};
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    pages::workspace::ids::{runner_id, workspace_id},
    paths,
    region::Region,
    sections::shared_host::SharedHostAlert,
};

/// A runner: its host, its contents, its token, its removal.
#[component]
pub(crate) fn GetRunnerPage() -> impl IntoView {
    let ids = workspace_id().zip(runner_id());
    let path = ids.map(|(workspace_id, runner_id)| GetRunnerPath {
        workspace_id,
        runner_id,
    });
    let runner = load::<GetRunner>(path, Empty {});
    let path = ids.map(|(workspace_id, runner_id)| ListRunnerDeploymentsPath {
        workspace_id,
        runner_id,
    });
    let deployments = load::<ListRunnerDeployments>(path, first_page());
    let path = ids.map(|(workspace_id, runner_id)| ListRunnerVolumesPath {
        workspace_id,
        runner_id,
    });
    let volumes = load::<ListRunnerVolumes>(path, first_page());
    let view = move |(GetRunnerResponse { runner }, deployments, volumes), grants| {
        let contents = Contents {
            deployments,
            volumes,
        };
        view! { <RunnerDetails runner=runner contents=contents grants=grants /> }.into_any()
    };
    view! { <Loaded loading=(runner, deployments, volumes) view=view /> }
}

/// The deployments and volumes of a runner.
struct Contents {
    deployments: Page<DeploymentSummary>,
    volumes: Page<Volume>,
}

#[component]
fn RunnerDetails(runner: Runner, contents: Contents, grants: Grants) -> impl IntoView {
    let (workspace_id, runner_id) = (runner.workspace_id, runner.runner_id);
    let path = GetRunnerPath {
        workspace_id,
        runner_id,
    };
    let title = runner.name.to_string();
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let Contents {
        deployments,
        volumes,
    } = contents;
    let token = grants
        .allow(Permission::Runner(RunnerAction::Edit))
        .then(|| view! { <Token path=path.clone() /> });
    // Inside the region, since the runner's contents decide if it can be removed.
    let removal = grants
        .allow(Permission::Runner(RunnerAction::Delete))
        .then(|| view! { <Removal runner=runner.clone() /> });
    view! {
        <Title text=title.clone() />
        <div class="page">
            <PageHeader title=title above=above />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <div class="stack">
                    <SharedHostAlert runners=vec![runner.clone()] grants=grants />
                    <About runner=runner />
                    <Deployments
                        workspace_id=workspace_id
                        page=deployments
                        several=grants.show_environments()
                    />
                    <Volumes page=volumes />
                    {token}
                    {removal}
                </div>
            </Region>
            <ApiCall endpoint=GetRunner path=path query=Empty {} />
        </div>
    }
}
