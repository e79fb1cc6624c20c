//! What there is in a workspace, and what needs a person.

use std::cmp::Reverse;

use components::{
    changing::changing,
    facts::{NumberTile, Numbers},
    section::Section,
    status::{Status, Tone},
};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::{
        deployment::{ListDeployments, ListDeploymentsPath},
        runner::{ListRunners, ListRunnersPath},
    },
    deployment::{DeploymentSummary, Freshness, ReleasePhase, Summary},
    page::Page,
    runner::Runner,
};

use super::{deployment_rows::DeploymentRows, following::follow_workspace, handed::Handed};
use crate::{
    client::use_client,
    live::{LinkNotice, first_page, reload},
    paths,
};

/// How many of the newest deployments are shown.
const RECENT: usize = 5;

/// Counts, troubles and news of a workspace.
#[island]
pub(crate) fn Home(
    /// The workspace.
    workspace_id: WorkspaceId,
    /// Its deployments.
    deployments: Handed<Page<DeploymentSummary>>,
    /// Its runners.
    runners: Handed<Page<Runner>>,
) -> impl IntoView {
    let deployments = RwSignal::new(deployments.0);
    let runners = RwSignal::new(runners.0);
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
    let news = changing(move || news(workspace_id, deployments.get().items));
    view! {
        <Counts workspace_id=workspace_id deployments=deployments runners=runners />
        {news}
        <LinkNotice link=link />
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
        let page = deployments.read();
        page.items.iter().filter(running).count().to_string()
    };
    let connected = move || {
        let page = runners.read();
        let connected = page.items.iter().filter(|runner| runner.connected).count();
        format!("{connected} of {}", page.total)
    };
    let total = move || deployments.read().total.to_string();
    let all = paths::deployments(workspace_id);
    view! {
        <Numbers>
            <NumberTile value=Signal::derive(total) label="Deployments" href=all.clone() />
            <NumberTile value=Signal::derive(running) label="Running" href=all />
            <NumberTile
                value=Signal::derive(connected)
                label="Runners connected"
                href=paths::runners(workspace_id)
            />
        </Numbers>
    }
}

/// What needs a person, and what changed last; nothing as long as nothing is deployed.
fn news(workspace_id: WorkspaceId, deployments: Vec<DeploymentSummary>) -> AnyView {
    if deployments.is_empty() {
        return ().into_any();
    }
    let troubled: Vec<_> = deployments
        .iter()
        .filter(|d| needs_attention(d))
        .cloned()
        .collect();
    let troubles = if troubled.is_empty() {
        view! { <p class="soft">"Nothing. Everything is as it should be."</p> }.into_any()
    } else {
        view! { <DeploymentRows workspace_id=workspace_id deployments=troubled /> }.into_any()
    };
    let mut recent = deployments;
    recent.sort_by_key(|deployment| Reverse(deployment.updated_at));
    recent.truncate(RECENT);
    view! {
        <Section title="Needs attention">{troubles}</Section>
        <Section title="Recent deployments">
            <DeploymentRows workspace_id=workspace_id deployments=recent />
        </Section>
    }
    .into_any()
}

/// Whether a person should look: it is broken, unlike what is wanted, or nobody knows.
fn needs_attention(deployment: &DeploymentSummary) -> bool {
    let DeploymentSummary {
        observed,
        desired,
        phase,
        ..
    } = deployment;
    let tone = Status::of_observed(observed, *desired, *phase).tone;
    matches!(tone, Tone::Bad | Tone::Warn)
        || *phase == Some(ReleasePhase::Failed)
        || observed.freshness == Freshness::Stale
}
