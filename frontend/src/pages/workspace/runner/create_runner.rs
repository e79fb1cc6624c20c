//! `/workspace/{workspace_id}/runner/new`

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    code::CodeBlock,
    page::PageHeader,
    section::{Card, Section},
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::runner::{
        CreateRunner, CreateRunnerPath, CreateRunnerRequest, CreateRunnerResponse,
    },
    endpoint::{ApiEndpoint, Empty},
    error::ErrorCode,
    rbac::{Permission, RunnerAction},
    value::ResourceName,
};

use crate::{
    account::Allowed,
    api_call::ApiCall,
    form::{EndpointForm, TextInput, answer_of},
    handover::Handover,
    load::Refusal,
    pages::workspace::ids::use_workspace_id,
    paths,
};

/// Registers a runner, and shows its token this once.
#[component]
pub(crate) fn CreateRunnerPage() -> impl IntoView {
    let workspace_id = use_workspace_id();
    let refusal = Refusal::new();
    view! {
        <Title text="Add a runner" />
        {move || match workspace_id.get() {
            Some(workspace_id) => view! { <Adding workspace_id=workspace_id /> }.into_any(),
            None => refusal.view(ErrorCode::NotFound.into()),
        }}
    }
}

#[component]
fn Adding(workspace_id: WorkspaceId) -> impl IntoView {
    let made = RwSignal::new(answer_of::<CreateRunnerResponse>(CreateRunner::INFO.name));
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    view! {
        <div class="page page-narrow">
            <PageHeader
                title="Add a runner"
                lead="A runner is a program on one of your machines. It connects to Berth by itself, so the machine needs no open port."
                above=above
            />
            {move || match made.get() {
                Some(made) => view! { <Made made=made /> }.into_any(),
                None => {
                    view! {
                        <Allowed
                            permission=Permission::Runner(RunnerAction::Create)
                            otherwise=|| {
                                view! { <p class="soft">"Owners of the workspace may add runners."</p> }
                            }
                        >
                            <Form workspace_id=workspace_id made=made />
                        </Allowed>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId, made: RwSignal<Option<CreateRunnerResponse>>) -> impl IntoView {
    let path = CreateRunnerPath { workspace_id };
    let call = path.clone();
    let done = Callback::new(move |answer| made.set(Some(answer)));
    let example = CreateRunnerRequest {
        name: ResourceName::trusted("build-box"),
    };
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateRunner
                path=path
                on_done=done
                kind=ButtonKind::Primary
                label="Add runner"
                busy_label="Adding…"
                note="The next page shows the command to run on the machine."
            >
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="build-box"
                    hint="Often the machine's name. Lower-case letters, digits and hyphens."
                />
            </EndpointForm>
        </Card>
        <ApiCall endpoint=CreateRunner path=call query=Empty {} request=example />
    }
}

/// The one command that connects the new runner.
#[component]
fn Made(made: CreateRunnerResponse) -> impl IntoView {
    let server = use_context::<Handover>().map_or_else(String::new, |h| h.public_url);
    let command = command(&server, made.token.expose());
    let runner = made.runner;
    view! {
        <Section
            title=format!("Run this where {} shall be", runner.name)
            lead="The machine needs a Docker Engine and the program berth-runner-docker."
        >
            <CodeBlock label="Command to start the runner" text=command />
            <Alert tone=Tone::Warn title="The token is shown this once">
                <p>"Whoever has it can connect as this runner. If it is lost, remove the runner and add it again."</p>
            </Alert>
            <div class="cluster">
                <LinkButton
                    kind=ButtonKind::Primary
                    href=paths::runners(runner.workspace_id)
                    label="To the runners"
                />
                <span class="form-note">"It shows as connected a moment after the command runs."</span>
            </div>
        </Section>
    }
}

/// Through the environment, because arguments are seen by everybody on the machine.
fn command(server: &str, token: &str) -> String {
    format!("BERTH_RUNNER_TOKEN={token} \\\n  berth-runner-docker --server {server}")
}
