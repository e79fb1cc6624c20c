//! Deployments as rows of a list.

use components::{
    rows::{Row, Rows},
    status::{Badge, ObservedStatus, Status},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    deployment::{DeploymentSummary, DesiredState, ReleasePhase},
};

use crate::paths;

/// Deployments with how they are.
#[component]
pub(crate) fn DeploymentRows(
    workspace_id: WorkspaceId,
    deployments: Vec<DeploymentSummary>,
) -> impl IntoView {
    let rows = deployments
        .into_iter()
        .map(|deployment| deployment_row(workspace_id, deployment))
        .collect::<Vec<_>>();
    view! { <Rows label="Deployments">{rows}</Rows> }
}

fn deployment_row(workspace_id: WorkspaceId, deployment: DeploymentSummary) -> AnyView {
    let detail = format!("{} on {}", deployment.image, deployment.runner_name);
    let updated_at = deployment.updated_at;
    let href = paths::deployment(workspace_id, deployment.deployment_id);
    let name = deployment.name.to_string();
    view! {
        <Row
            title=name
            href=href
            detail=detail
            state=move || view! { <RowState deployment=deployment.clone() /> }
            end=move || view! { <Moment at=updated_at /> }
        />
    }
    .into_any()
}

/// What the runner saw, and the release when there is more to say than that it is live.
#[component]
fn RowState(deployment: DeploymentSummary) -> impl IntoView {
    let deleting = deployment.desired == DesiredState::Deleted;
    let release = deployment
        .phase
        .filter(|phase| *phase != ReleasePhase::Live && !deleting)
        .map(|phase| view! { <Badge status=Status::of_phase(phase) /> });
    view! {
        <ObservedStatus
            observed=deployment.observed
            desired=deployment.desired
            phase=deployment.phase
        />
        {deleting.then(|| view! { <span class="status-age">"being deleted"</span> })}
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
