//! What can be done with a deployment, and what will happen then.

use components::{
    button::{ButtonKind, LinkButton},
    changing::{changing, changing_text},
    icon::Glyph,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        DeployDeployment, DeployDeploymentPath, StartDeployment, StartDeploymentPath,
        StopDeployment, StopDeploymentPath,
    },
    deployment::{Deployment, DesiredState, InstanceState},
};

use crate::{form::EndpointForm, paths};

/// Open, deploy, stop or start.
#[component]
pub(super) fn Actions(deployment: RwSignal<Deployment>, may_edit: bool) -> impl IntoView {
    // Only when one of these changes are the actions drawn anew.
    let state = Memo::new(move |_| {
        let deployment = deployment.read();
        (deployment.desired, url_of(&deployment))
    });
    changing(move || {
        let (desired, url) = state.get();
        let open = url.map(|url| view! { <Open url=url /> });
        if !may_edit || desired == DesiredState::Deleted {
            return open.into_any();
        }
        let start_or_stop = if desired == DesiredState::Running {
            view! { <Stop deployment=deployment /> }.into_any()
        } else {
            view! { <Start deployment=deployment /> }.into_any()
        };
        view! {
            {open}
            <Deploy deployment=deployment />
            {start_or_stop}
        }
        .into_any()
    })
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
fn Deploy(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let page = paths::deployment(workspace_id, deployment_id);
    let path = DeployDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=DeployDeployment
            path=path
            page=page.clone()
            success=page
            label="Deploy"
            busy_label="Deploying…"
        />
    }
}

#[component]
fn Stop(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let page = paths::deployment(workspace_id, deployment_id);
    let path = StopDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=StopDeployment
            path=path
            page=page.clone()
            success=page
            label="Stop"
            busy_label="Stopping…"
        />
    }
}

#[component]
fn Start(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let page = paths::deployment(workspace_id, deployment_id);
    let path = StartDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <EndpointForm
            endpoint=StartDeployment
            path=path
            page=page.clone()
            success=page
            kind=ButtonKind::Primary
            label="Start"
            busy_label="Starting…"
        />
    }
}

fn ids(deployment: RwSignal<Deployment>) -> (models::WorkspaceId, models::DeploymentId) {
    let deployment = deployment.read_untracked();
    (deployment.workspace_id, deployment.deployment_id)
}

/// Says what the actions will do before anybody presses them.
#[component]
pub(super) fn Consequence(deployment: RwSignal<Deployment>) -> impl IntoView {
    let sentence = changing_text(move || consequence(&deployment.read()).unwrap_or_default());
    view! { <p class="soft">{sentence}</p> }
}

fn consequence(deployment: &Deployment) -> Option<String> {
    let image = &deployment.spec.image;
    let next = deployment
        .release
        .as_ref()
        .map_or(1, |release| release.number + 1);
    match deployment.desired {
        DesiredState::Running => {
            let meanwhile = if deployment.observed.instances.is_empty() {
                ""
            } else {
                "; what runs now stays until the new one works"
            };
            Some(format!(
                "Deploy makes release {next} of {image}{meanwhile}. Stop ends the app and keeps \
                 its settings."
            ))
        }
        DesiredState::Stopped => Some(format!(
            "It is meant to be stopped. Start runs what was live before; Deploy makes release \
             {next} of {image}."
        )),
        DesiredState::Deleted => None,
    }
}

/// Where the app answers, if an instance does.
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
        .find_map(|instance| instance.url.clone().filter(|url| is_web(url)))
}

/// A runner names the address; only one that a browser opens as a page may become a link.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::is_web;

    #[test]
    fn only_web_addresses_become_links() {
        assert!(is_web("http://127.0.0.1:32768"));
        assert!(!is_web("javascript:alert(1)"));
        assert!(!is_web("//example.org"));
    }
}
