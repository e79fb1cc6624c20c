//! The first page of a workspace: its contents, and anything that needs attention.

use std::cmp::Reverse;

use components::{
    facts::{NumberTile, Numbers},
    section::Section,
    status::{Status, Tone},
};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    deployment::{DeploymentSummary, Freshness, ReleasePhase, Summary},
    page::Page,
    runner::Runner,
};

use super::deployment_rows::DeploymentRows;
use crate::paths;

/// Number of recent deployments shown.
const RECENT: usize = 5;

/// Counts, problems and news of a workspace.
#[component]
pub(crate) fn Home(
    workspace_id: WorkspaceId,
    deployments: Page<DeploymentSummary>,
    runners: Page<Runner>,
    /// True if the deployments are of several environments.
    several: bool,
) -> impl IntoView {
    let running = |d: &&DeploymentSummary| d.observed.summary == Summary::Running;
    let running = deployments.items.iter().filter(running).count();
    let connected = runners
        .items
        .iter()
        .filter(|runner| runner.connected)
        .count();
    let connected = format!("{connected} of {}", runners.total);
    let all = paths::deployments(workspace_id);
    view! {
        <Numbers>
            <NumberTile
                value=deployments.total.to_string()
                label="Deployments"
                href=all.clone()
            />
            <NumberTile value=running.to_string() label="Running" href=all />
            <NumberTile
                value=connected
                label="Runners connected"
                href=paths::runners(workspace_id)
            />
        </Numbers>
        {news(workspace_id, deployments.items, several)}
    }
}

/// Renders the problems and the latest changes; nothing while nothing is deployed.
fn news(workspace_id: WorkspaceId, deployments: Vec<DeploymentSummary>, several: bool) -> AnyView {
    if deployments.is_empty() {
        return ().into_any();
    }
    let broken: Vec<_> = deployments
        .iter()
        .filter(|d| needs_attention(d))
        .cloned()
        .collect();
    let troubles = if broken.is_empty() {
        view! { <p class="soft">"Nothing needs attention."</p> }.into_any()
    } else {
        view! { <DeploymentRows workspace_id=workspace_id deployments=broken several=several /> }
            .into_any()
    };
    let mut recent = deployments;
    recent.sort_by_key(|deployment| Reverse(deployment.updated_at));
    recent.truncate(RECENT);
    view! {
        <Section title="Needs attention">{troubles}</Section>
        <Section title="Recent deployments">
            <DeploymentRows workspace_id=workspace_id deployments=recent several=several />
        </Section>
    }
    .into_any()
}

/// True if a deployment is unhealthy, its release failed, or its state is stale.
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
