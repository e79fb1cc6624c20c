//! The form for a new deployment, with the example app filled in.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    select::Choice,
    status::Tone,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use models::{
    EnvironmentId, WorkspaceId,
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        deployment::{CreateDeployment, CreateDeploymentPath, CreateDeploymentRequest},
    },
    deployment::{Port, Spec},
    endpoint::Empty,
    name_or_id::NameOrId,
    runner::Runner,
    value::{EnvironmentName, EnvironmentValue, EnvironmentVariable, ImageReference, ResourceName},
};

use crate::{
    api_call::ApiCall,
    form::{EndpointForm, SelectInput, TextInput},
    paths,
    region::Region,
    sections::{
        auto_deploy_input::AutoDeployInput, environment_switch::EnvironmentIdInput,
        spec_inputs::SpecInputs,
    },
};

/// Name of the example app that comes with Berth.
const EXAMPLE_NAME: &str = "hello";
const EXAMPLE_IMAGE: &str = "localhost/berth/hello:latest";
const EXAMPLE_PORT: u16 = 8080;

/// The form for a new deployment.
///
/// The address can fill in its fields (`?name=&image=&port=`).
#[component]
pub(crate) fn CreateDeploymentForm(
    workspace_id: WorkspaceId,
    /// The environment; absent while the workspace has only one.
    #[prop(optional_no_strip)]
    environment: Option<EnvironmentId>,
    runners: Vec<Runner>,
) -> impl IntoView {
    let notice = notice(workspace_id, &runners);
    // The form needs a runner, but stays outside of the region, so that typed text survives.
    let outside = if runners.is_empty() { "no runner" } else { "" };
    let form = (!runners.is_empty()).then(
        || view! { <Form workspace_id=workspace_id environment=environment runners=runners /> },
    );
    let path = StreamWorkspacePath { workspace_id };
    view! {
        <Region stream=StreamWorkspace path=path id="runner-notice" outside=outside>
            {notice}
        </Region>
        {form}
    }
}

/// Returns a notice if there is no runner, or none is connected.
fn notice(workspace_id: WorkspaceId, runners: &[Runner]) -> Option<AnyView> {
    if runners.is_empty() {
        return Some(view! { <NoRunner workspace_id=workspace_id /> }.into_any());
    }
    if runners.iter().any(|runner| runner.connected) {
        return None;
    }
    let waits = view! {
        <Alert tone=Tone::Warn title="No runner is connected">
            <p>"The deployment starts when its runner connects."</p>
        </Alert>
    };
    Some(waits.into_any())
}

#[component]
fn Form(
    workspace_id: WorkspaceId,
    environment: Option<EnvironmentId>,
    runners: Vec<Runner>,
) -> impl IntoView {
    let chosen = runners
        .iter()
        .find(|runner| runner.connected)
        .or(runners.first())?;
    let query = use_query_map();
    let given = move |name: &str, default: &str| {
        let given = query.read_untracked().get(name);
        given.unwrap_or_else(|| default.to_owned())
    };
    let name = given("name", EXAMPLE_NAME);
    let image = given("image", EXAMPLE_IMAGE);
    let port = given("port", &EXAMPLE_PORT.to_string());
    let spec = Spec {
        ports: port.parse().map(Port::http).into_iter().collect(),
        environment: vec![example_variable()],
        ..Spec::of_image(ImageReference::trusted(image))
    };
    let example = CreateDeploymentRequest {
        environment: environment.map(NameOrId::Id),
        name: ResourceName::trusted(name.clone()),
        runner_id: chosen.runner_id,
        source: None,
        spec: spec.clone(),
        machine_type: None,
        deploy: None,
        auto_deploy: None,
    };
    let runner = chosen.runner_id.to_string();
    let choices = runners.iter().map(option).collect();
    let path = CreateDeploymentPath { workspace_id };
    Some(view! {
        <div class="stack">
            <EndpointForm
                endpoint=CreateDeployment
                path=path.clone()
                success="/workspace/{deployment.workspace_id}/deployment/{deployment.deployment_id}"
                kind=ButtonKind::Primary
                label="Deploy"
                busy_label="Deploying…"
                note="Creates the deployment and its first release."
            >
                <EnvironmentIdInput environment=environment />
                <TextInput
                    label="Name"
                    field="name"
                    value=name
                    mono=true
                    hint="Unique in the environment. Lowercase letters, digits and hyphens."
                />
                <SelectInput label="Runner" field="runner_id" choices=choices value=runner />
                <SpecInputs spec=spec workspace_id=workspace_id environment=environment />
                <AutoDeployInput is_on=false />
            </EndpointForm>
            <ApiCall
                endpoint=CreateDeployment
                path=path
                query=Empty {}
                request=example
            />
        </div>
    })
}

fn example_variable() -> EnvironmentVariable {
    EnvironmentVariable::plain(
        EnvironmentName::trusted("GREETING"),
        EnvironmentValue::trusted("Hello from Berth"),
    )
}

fn option(runner: &Runner) -> Choice {
    let state = if runner.connected {
        "connected"
    } else {
        "disconnected"
    };
    Choice {
        value: runner.runner_id.to_string(),
        label: format!("{} ({state})", runner.name),
    }
}

#[component]
fn NoRunner(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <Alert tone=Tone::Warn title="No runner yet">
            <p>"Apps run on the host of a runner. Add a runner first."</p>
            <LinkButton href=paths::new_runner(workspace_id) label="Add a runner" />
        </Alert>
    }
}
