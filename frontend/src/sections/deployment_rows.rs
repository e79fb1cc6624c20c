//! Deployments as rows of a list.

use components::{
    chart::{ChartPoint, ChartRange, Sparkline, Unit},
    rows::{Row, Rows},
    status::{Badge, ObservedStatus, Status},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    DeploymentId, WorkspaceId,
    api::workspace::ListTrendsResponse,
    deployment::{DeploymentSummary, DesiredState, ReleasePhase},
};

use crate::{paths, sections::environment_switch::environment_name};

/// CPU usage below which an app counts as idle, in thousandths of a CPU.
const SMALL_CPU_MILLIS: u64 = 20;

/// Deployments with their states.
#[component]
pub(crate) fn DeploymentRows(
    workspace_id: WorkspaceId,
    deployments: Vec<DeploymentSummary>,
    /// True if the rows are of several environments, and say of which.
    several: bool,
    /// Recent resource usage, if shown.
    #[prop(optional_no_strip)]
    trends: Option<ListTrendsResponse>,
) -> impl IntoView {
    let rows = deployments
        .into_iter()
        .map(|deployment| {
            let trend = trends
                .as_ref()
                .map(|trends| trend(trends, deployment.deployment_id));
            deployment_row(workspace_id, deployment, several, trend)
        })
        .collect::<Vec<_>>();
    view! { <Rows label="Deployments">{rows}</Rows> }
}

/// Renders the CPU chart of a deployment.
fn trend(trends: &ListTrendsResponse, deployment_id: DeploymentId) -> ViewFn {
    let range = ChartRange {
        from: trends.from,
        to: trends.to,
        resolution_ms: trends.resolution_ms,
    };
    let found = trends.deployments.iter();
    let found = found.filter(|trend| trend.deployment_id == deployment_id);
    let points: Vec<_> = found
        .flat_map(|trend| &trend.points)
        .map(|point| ChartPoint {
            at: point.at,
            average: point.cpu_millis,
            maximum: point.cpu_millis,
        })
        .collect();
    ViewFn::from(move || {
        view! {
            <Sparkline
                title="CPU over the last 3 h"
                unit=Unit::CpuMillis
                range=range
                points=points.clone()
                least=SMALL_CPU_MILLIS
            />
        }
    })
}

fn deployment_row(
    workspace_id: WorkspaceId,
    deployment: DeploymentSummary,
    several: bool,
    picture: Option<ViewFn>,
) -> AnyView {
    let place = several.then(|| format!("{} · ", environment_name(&deployment.environment)));
    let place = place.unwrap_or_default();
    let detail = format!("{place}{} on {}", deployment.image, deployment.runner_name);
    let updated_at = deployment.updated_at;
    let href = paths::deployment(workspace_id, deployment.deployment_id);
    let name = deployment.name.to_string();
    view! {
        <Row
            title=name
            href=href
            detail=detail
            picture=picture
            state=move || view! { <RowState deployment=deployment.clone() /> }
            end=move || view! { <Moment at=updated_at /> }
        />
    }
    .into_any()
}

/// The observed state, and the release's phase unless it is live.
#[component]
fn RowState(deployment: DeploymentSummary) -> impl IntoView {
    let deleting = deployment.desired == DesiredState::Deleted;
    let release = deployment
        .phase
        .filter(|phase| *phase != ReleasePhase::Live && !deleting)
        .map(|phase| view! { <Badge status=Status::of_phase(phase) /> });
    let error = deployment.observed.error.clone().filter(|_| !deleting);
    let error = error.map(|error| {
        view! {
            <span class="status-line">
                <span class="status-age">"error"</span>
                <code>{error.failure.code.to_string()}</code>
            </span>
        }
    });
    view! {
        <ObservedStatus
            observed=deployment.observed
            desired=deployment.desired
            phase=deployment.phase
        />
        {deleting.then(|| view! { <span class="status-age">"being deleted"</span> })}
        {error}
        {release
            .map(|badge| {
                view! {
                    <span class="status-line">
                        <span class="status-age">"release"</span>
                        {badge}
                    </span>
                }
            })}
    }
}
