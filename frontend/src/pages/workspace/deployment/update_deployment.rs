//! `/workspace/{workspace_id}/deployment/{deployment_id}/settings`
//!
//! A deployment's settings.

use components::{
    alert::Alert,
    button::ButtonKind,
    confirm::ConfirmByTyping,
    section::{Card, Section},
    select::Choice,
    status::Tone,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        DeleteDeployment, DeleteDeploymentPath, UpdateDeployment, UpdateDeploymentPath,
        UpdateDeploymentRequest,
    },
    deployment::{Deployment, DesiredState},
    endpoint::Empty,
    rbac::{DeploymentAction, Permission},
};

use super::tabs::{DeploymentHeader, DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    form::{BasedOn, EndpointForm, SelectInput},
    paths,
    sections::{
        auto_deploy_input::AutoDeployInput,
        spec_inputs::{SpecInputs, volumes::DOWNTIME},
    },
};

/// The form for a deployment's settings, and its deletion.
#[component]
pub(crate) fn UpdateDeploymentPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Settings body=settings /> }
}

fn settings(deployment: Deployment, grants: Grants) -> AnyView {
    let may = |action| grants.allow(Permission::Deployment(action));
    let what = if may(DeploymentAction::Edit) && may(DeploymentAction::ViewValues) {
        view! { <SettingsForm deployment=deployment.clone() /> }.into_any()
    } else if may(DeploymentAction::Edit) {
        view! {
            <Alert tone=Tone::Neutral title="Your role cannot see these values">
                <p>
                    "Your role cannot see the values of this deployment's variables and files, so you cannot edit them here. Changes through the API keep hidden values."
                </p>
            </Alert>
        }
        .into_any()
    } else {
        view! {
            <Alert tone=Tone::Neutral title="Your access to this deployment is read-only">
                <p>"Workspace owners can change it."</p>
            </Alert>
        }
        .into_any()
    };
    let danger = grants
        .allow(Permission::Deployment(DeploymentAction::Delete))
        .then(|| view! { <DangerZone deployment=deployment.clone() /> });
    view! {
        <DeploymentHeader tab=DeploymentTab::Settings deployment=deployment grants=grants />
        <div class="page-narrow stack">{what} {danger}</div>
    }
    .into_any()
}

#[component]
fn SettingsForm(deployment: Deployment) -> impl IntoView {
    let path = UpdateDeploymentPath {
        workspace_id: deployment.workspace_id,
        deployment_id: deployment.deployment_id,
    };
    let call = path.clone();
    let based_on = deployment.updated_at.to_string();
    let overview = paths::deployment(path.workspace_id, path.deployment_id);
    let (spec, workspace_id) = (deployment.spec, deployment.workspace_id);
    let environment = Some(deployment.environment.environment_id);
    let request = UpdateDeploymentRequest {
        spec: spec.clone(),
        machine_type: None,
        deploy: None,
        auto_deploy: None,
        if_unchanged_since: None,
    };
    let runs = deployment.desired == DesiredState::Running;
    let meanwhile = if spec.volumes.is_empty() {
        "The live release keeps running until the new one is live."
    } else {
        DOWNTIME
    };
    let choices = vec![
        Choice {
            value: "true".to_owned(),
            label: "Save and deploy".to_owned(),
        },
        Choice {
            value: "false".to_owned(),
            label: "Save only. The next deploy uses the changes.".to_owned(),
        },
    ];
    view! {
        <Section title="Specification">
            <Card>
                <EndpointForm
                    endpoint=UpdateDeployment
                    path=path
                    success=overview
                    kind=ButtonKind::Primary
                    label="Save settings"
                    busy_label="Saving…"
                >
                    <BasedOn field="if_unchanged_since" now=based_on />
                    <SpecInputs
                        spec=spec
                        workspace_id=workspace_id
                        environment=environment
                        image=deployment.image
                    />
                    <AutoDeployInput is_on=deployment.auto_deploy />
                    {runs
                        .then(|| {
                            view! {
                                <SelectInput
                                    label="On save"
                                    field="deploy"
                                    choices=choices
                                    value="true"
                                    hint=meanwhile
                                />
                            }
                        })}
                </EndpointForm>
            </Card>
            <ApiCall endpoint=UpdateDeployment path=call query=Empty {} request=request />
        </Section>
    }
}

#[component]
fn DangerZone(deployment: Deployment) -> impl IntoView {
    let path = DeleteDeploymentPath {
        workspace_id: deployment.workspace_id,
        deployment_id: deployment.deployment_id,
    };
    let name = deployment.name.to_string();
    let what = format!(
        "This stops the app and deletes its settings, releases and logs. It cannot be undone. Its \
         volumes and their data are kept. Nothing else in the workspace changes. The runner removes {name} from {}.",
        deployment.runner_name
    );
    view! {
        <Section title="Delete">
            <Card danger=true>
                <p>{what}</p>
                <EndpointForm
                    endpoint=DeleteDeployment
                    path=path
                    success="/workspace/{deployment.workspace_id}/deployment"
                    kind=ButtonKind::Danger
                    label="Delete this deployment"
                    busy_label="Deleting…"
                >
                    <ConfirmByTyping expected=name />
                </EndpointForm>
            </Card>
        </Section>
    }
}
