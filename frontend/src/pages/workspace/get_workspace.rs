//! `/workspace/{workspace_id}`: what is there, and what needs a person.

use std::cmp::Reverse;

use components::{
    button::{ButtonKind, LinkButton},
    facts::{NumberTile, Numbers},
    icon::Glyph,
    page::PageHeader,
    section::{Card, Section},
    status::{Status, Tone},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        deployment::{ListDeployments, ListDeploymentsPath},
        runner::{ListRunners, ListRunnersPath},
    },
    deployment::{DeploymentSummary, Freshness, ReleasePhase, Summary},
    page::Page,
    rbac::{DeploymentAction, Permission},
    runner::Runner,
};

use super::{
    deployment::{CreateDeploymentForm, DeploymentRows},
    following::follow_workspace,
    ids::use_workspace_id,
};
use crate::{
    account::Allowed,
    client::use_client,
    live::{LinkNotice, first_page, reload},
    load::{Loaded, load},
    paths,
};

/// How many of the newest deployments the page shows.
const RECENT: usize = 5;

/// A workspace's first page.
#[component]
pub(crate) fn GetWorkspacePage() -> impl IntoView {
    let workspace_id = use_workspace_id();
    let deployments = load::<ListDeployments>(
        move || {
            workspace_id
                .get()
                .map(|workspace_id| ListDeploymentsPath { workspace_id })
        },
        first_page(),
    );
    let runners = load::<ListRunners>(
        move || {
            workspace_id
                .get()
                .map(|workspace_id| ListRunnersPath { workspace_id })
        },
        first_page(),
    );
    let with_runners = move |deployments| {
        let view = move |runners| {
            workspace_id
                .get_untracked()
                .map(|workspace_id| {
                    view! { <Home workspace_id=workspace_id deployments=deployments runners=runners /> }
                })
                .into_any()
        };
        view! { <Loaded loading=runners view=view /> }.into_any()
    };
    view! {
        <Title text="Home" />
        <Loaded loading=deployments view=with_runners />
    }
}

#[component]
fn Home(
    workspace_id: WorkspaceId,
    deployments: RwSignal<Page<DeploymentSummary>>,
    runners: RwSignal<Page<Runner>>,
) -> impl IntoView {
    let client = use_client();
    let runners_client = client.clone();
    let link = follow_workspace(
        workspace_id,
        move || {
            let path = ListDeploymentsPath { workspace_id };
            reload::<ListDeployments>(client.clone(), path, first_page(), deployments);
        },
        move || {
            let path = ListRunnersPath { workspace_id };
            reload::<ListRunners>(runners_client.clone(), path, first_page(), runners);
        },
    );
    let is_empty = Memo::new(move |_| deployments.read().items.is_empty());
    view! {
        <div class="page">
            <PageHeader
                title="Home"
                actions=move || {
                    view! {
                        <Show when=move || !is_empty.get()>
                            <NewDeployment workspace_id=workspace_id />
                        </Show>
                    }
                }
            />
            <Counts workspace_id=workspace_id deployments=deployments runners=runners />
            <Show
                when=move || !is_empty.get()
                fallback=move || {
                    view! {
                        <FirstDeployment workspace_id=workspace_id runners=runners />
                    }
                }
            >
                <Attention workspace_id=workspace_id deployments=deployments />
                <Recent workspace_id=workspace_id deployments=deployments />
            </Show>
            <LinkNotice link=link />
        </div>
    }
}

#[component]
fn NewDeployment(workspace_id: WorkspaceId) -> impl IntoView {
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

#[component]
fn Counts(
    workspace_id: WorkspaceId,
    deployments: RwSignal<Page<DeploymentSummary>>,
    runners: RwSignal<Page<Runner>>,
) -> impl IntoView {
    let running = move || {
        let running = |d: &&DeploymentSummary| d.observed.summary == Summary::Running;
        deployments
            .read()
            .items
            .iter()
            .filter(running)
            .count()
            .to_string()
    };
    let connected = move || {
        let page = runners.read();
        let connected = page.items.iter().filter(|runner| runner.connected).count();
        format!("{connected} of {}", page.total)
    };
    let all = paths::deployments(workspace_id);
    view! {
        <Numbers>
            <NumberTile
                value=Signal::derive(move || deployments.read().total.to_string())
                label="Deployments"
                href=all.clone()
            />
            <NumberTile value=Signal::derive(running) label="Running" href=all />
            <NumberTile
                value=Signal::derive(connected)
                label="Runners connected"
                href=paths::runners(workspace_id)
            />
        </Numbers>
    }
}

/// Nothing is deployed yet: the first step, with a working example filled in.
#[component]
fn FirstDeployment(workspace_id: WorkspaceId, runners: RwSignal<Page<Runner>>) -> impl IntoView {
    view! {
        <Allowed
            permission=Permission::Deployment(DeploymentAction::Create)
            otherwise=|| {
                view! { <p class="soft">"Nothing is deployed yet. Owners of the workspace may."</p> }
            }
        >
            <Section
                title="Deploy your first app"
                lead="A small example that answers HTTP and logs what it does. Change anything, or just deploy it."
            >
                <div class="page-narrow">
                    <Card>
                        <CreateDeploymentForm workspace_id=workspace_id runners=runners />
                    </Card>
                </div>
            </Section>
        </Allowed>
    }
}

#[component]
fn Attention(
    workspace_id: WorkspaceId,
    deployments: RwSignal<Page<DeploymentSummary>>,
) -> impl IntoView {
    let troubled = Memo::new(move |_| {
        let needs = |d: &&DeploymentSummary| needs_attention(d);
        deployments
            .read()
            .items
            .iter()
            .filter(needs)
            .cloned()
            .collect::<Vec<_>>()
    });
    let any = Memo::new(move |_| !troubled.read().is_empty());
    view! {
        <Section title="Needs attention">
            <Show
                when=move || any.get()
                fallback=|| view! { <p class="soft">"Nothing. Everything is as it should be."</p> }
            >
                <DeploymentRows workspace_id=workspace_id deployments=troubled />
            </Show>
        </Section>
    }
}

/// Whether a person should look: it is broken, unlike what is wanted, or nobody knows.
fn needs_attention(deployment: &DeploymentSummary) -> bool {
    let tone = Status::of_observed(&deployment.observed, deployment.desired, deployment.phase).tone;
    matches!(tone, Tone::Bad | Tone::Warn)
        || deployment.phase == Some(ReleasePhase::Failed)
        || deployment.observed.freshness == Freshness::Stale
}

#[component]
fn Recent(
    workspace_id: WorkspaceId,
    deployments: RwSignal<Page<DeploymentSummary>>,
) -> impl IntoView {
    let recent = Memo::new(move |_| {
        let mut all = deployments.read().items.clone();
        all.sort_by_key(|deployment| Reverse(deployment.updated_at));
        all.truncate(RECENT);
        all
    });
    view! {
        <Section title="Recent deployments">
            <DeploymentRows workspace_id=workspace_id deployments=recent />
        </Section>
    }
}
