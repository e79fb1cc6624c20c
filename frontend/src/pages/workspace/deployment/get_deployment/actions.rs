//! What can be done with a deployment, and what will happen then.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        DeployDeployment, DeployDeploymentPath, DeployDeploymentResponse, StartDeployment,
        StartDeploymentPath, StartDeploymentResponse, StopDeployment, StopDeploymentPath,
        StopDeploymentResponse,
    },
    deployment::{Deployment, DesiredState, InstanceState},
    rbac::{DeploymentAction, Permission},
};

use crate::{account::Allowed, form::EndpointForm, paths};

/// Open, deploy, stop or start.
#[component]
pub(super) fn Actions(deployment: RwSignal<Deployment>) -> impl IntoView {
    let desired = Memo::new(move |_| deployment.read().desired);
    let url = Memo::new(move |_| url_of(&deployment.read()));
    view! {
        {move || {
            url.get()
                .map(|url| {
                    view! {
                        <LinkButton
                            kind=ButtonKind::Primary
                            glyph=Glyph::External
                            href=url
                            external=true
                            label="Open"
                        />
                    }
                })
        }}
        <Allowed permission=Permission::Deployment(
            DeploymentAction::Edit,
        )>
            {move || match desired.get() {
                DesiredState::Running => {
                    view! {
                        <Deploy deployment=deployment />
                        <Stop deployment=deployment />
                    }
                        .into_any()
                }
                DesiredState::Stopped => {
                    view! {
                        <Start deployment=deployment />
                        <Deploy deployment=deployment />
                    }
                        .into_any()
                }
                DesiredState::Deleted => ().into_any(),
            }}
        </Allowed>
    }
}

#[component]
fn Deploy(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let path = DeployDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let done =
        Callback::new(move |answer: DeployDeploymentResponse| deployment.set(answer.deployment));
    view! {
        <EndpointForm
            endpoint=DeployDeployment
            path=path
            success=paths::deployment(workspace_id, deployment_id)
            on_done=done
            label="Deploy"
            busy_label="Deploying…"
        >
            ""
        </EndpointForm>
    }
}

#[component]
fn Stop(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let path = StopDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let done =
        Callback::new(move |answer: StopDeploymentResponse| deployment.set(answer.deployment));
    view! {
        <EndpointForm
            endpoint=StopDeployment
            path=path
            success=paths::deployment(workspace_id, deployment_id)
            on_done=done
            label="Stop"
            busy_label="Stopping…"
        >
            ""
        </EndpointForm>
    }
}

#[component]
fn Start(deployment: RwSignal<Deployment>) -> impl IntoView {
    let (workspace_id, deployment_id) = ids(deployment);
    let path = StartDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let done =
        Callback::new(move |answer: StartDeploymentResponse| deployment.set(answer.deployment));
    view! {
        <EndpointForm
            endpoint=StartDeployment
            path=path
            success=paths::deployment(workspace_id, deployment_id)
            on_done=done
            kind=ButtonKind::Primary
            label="Start"
            busy_label="Starting…"
        >
            ""
        </EndpointForm>
    }
}

fn ids(deployment: RwSignal<Deployment>) -> (models::WorkspaceId, models::DeploymentId) {
    let deployment = deployment.read_untracked();
    (deployment.workspace_id, deployment.deployment_id)
}

/// Says what the actions will do before anybody presses them.
#[component]
pub(super) fn Consequence(deployment: RwSignal<Deployment>) -> impl IntoView {
    let sentence = Memo::new(move |_| consequence(&deployment.read()));
    move || {
        sentence
            .get()
            .map(|sentence| view! { <p class="soft">{sentence}</p> })
    }
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
