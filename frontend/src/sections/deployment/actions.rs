//! Actions on a deployment, and their consequences.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        CancelRelease, CancelReleasePath, DeployDeployment, DeployDeploymentPath,
        RestartDeployment, RestartDeploymentPath, StartDeployment, StartDeploymentPath,
        StopDeployment, StopDeploymentPath,
    },
    deployment::{Deployment, DesiredState, Instance, InstanceState},
};

use crate::{form::EndpointForm, paths};

/// Ids of a deployment and its workspace.
type Ids = (models::WorkspaceId, models::DeploymentId);

/// The actions: open, deploy, stop or start.
#[component]
pub(super) fn Actions(deployment: Deployment, may_edit: bool) -> impl IntoView {
    let ids = (deployment.workspace_id, deployment.deployment_id);
    let open = url_of(&deployment).map(|url| view! { <Open url=url /> });
    if !may_edit {
        return open.into_any();
    }
    let start_or_stop = match deployment.desired {
        DesiredState::Running => view! { <Stop ids=ids /> }.into_any(),
        DesiredState::Stopped => view! { <Start ids=ids /> }.into_any(),
        DesiredState::Deleted => return open.into_any(),
    };
    let runs =
        deployment.desired == DesiredState::Running && !deployment.observed.instances.is_empty();
    let restart = runs.then(|| view! { <Restart ids=ids /> });
    view! {
        {open}
        <Deploy ids=ids />
        {restart}
        {start_or_stop}
    }
    .into_any()
}

#[component]
fn Open(url: String) -> impl IntoView {
    view! {
        <LinkButton
            kind=ButtonKind::Primary
            glyph=Glyph::External
            href=url
            external=true
            label="Open"
        />
    }
}

#[component]
fn Deploy(ids: Ids) -> impl IntoView {
    let (workspace_id, deployment_id) = ids;
    let page = paths::deployment(workspace_id, deployment_id);
    let path = DeployDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=DeployDeployment
            path=path
            success=page
            label="Deploy"
            busy_label="Deploying…"
        />
    }
}

#[component]
fn Restart(ids: Ids) -> impl IntoView {
    let (workspace_id, deployment_id) = ids;
    let page = paths::deployment(workspace_id, deployment_id);
    let path = RestartDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=RestartDeployment
            path=path
            success=page
            label="Restart"
            busy_label="Restarting…"
        />
    }
}

/// The button that cancels a release in progress.
#[component]
pub(crate) fn CancelButton(ids: Ids, release_id: models::ReleaseId) -> impl IntoView {
    let (workspace_id, deployment_id) = ids;
    let page = paths::deployment(workspace_id, deployment_id);
    let path = CancelReleasePath {
        workspace_id,
        deployment_id,
        release_id,
    };
    view! {
        <EndpointForm
            endpoint=CancelRelease
            path=path
            success=page
            label="Cancel release"
            busy_label="Canceling…"
        />
    }
}

#[component]
fn Stop(ids: Ids) -> impl IntoView {
    let (workspace_id, deployment_id) = ids;
    let page = paths::deployment(workspace_id, deployment_id);
    let path = StopDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=StopDeployment
            path=path
            success=page
            label="Stop"
            busy_label="Stopping…"
        />
    }
}

#[component]
fn Start(ids: Ids) -> impl IntoView {
    let (workspace_id, deployment_id) = ids;
    let page = paths::deployment(workspace_id, deployment_id);
    let path = StartDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=StartDeployment
            path=path
            success=page
            kind=ButtonKind::Primary
            label="Start"
            busy_label="Starting…"
        />
    }
}

/// The consequences of the actions, before anyone presses a button.
#[component]
pub(super) fn Consequence(deployment: Deployment) -> impl IntoView {
    consequence(&deployment).map(|sentence| view! { <p class="soft">{sentence}</p> })
}

fn consequence(deployment: &Deployment) -> Option<String> {
    let image = &deployment.spec.image;
    let next = deployment
        .release
        .as_ref()
        .map_or(1, |release| release.number + 1);
    match deployment.desired {
        DesiredState::Running => {
            let live = deployment.release.as_ref().map(|release| &release.spec);
            let mut specs = std::iter::once(&deployment.spec).chain(live);
            let meanwhile = if deployment.observed.instances.is_empty() {
                ""
            } else if specs.any(|spec| !spec.volumes.is_empty()) {
                "; the running instance stops first, because only one instance can use a volume \
                 at a time, so Deploy and Restart cause a short downtime"
            } else {
                "; the live release keeps running until the new one is live"
            };
            Some(format!(
                "Deploy creates release {next} of {image}{meanwhile}. Stop ends the app and keeps \
                 its settings. Restart creates a release identical to the live one."
            ))
        }
        DesiredState::Stopped => Some(format!(
            "The desired state is stopped. Start runs the last live release again. Deploy \
             creates release {next} of {image}."
        )),
        DesiredState::Deleted => None,
    }
}

/// Returns the address of the app, if an instance serves it.
fn url_of(deployment: &Deployment) -> Option<String> {
    deployment
        .observed
        .instances
        .iter()
        .filter(|instance| {
            matches!(
                instance.state,
                InstanceState::Running | InstanceState::Unhealthy
            )
        })
        .find_map(Instance::url)
}
