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
    api::workspace::{
        GetWorkspace, GetWorkspacePath,
        runner::{CreateRunner, CreateRunnerPath, CreateRunnerRequest, CreateRunnerResponse},
    },
    endpoint::{ApiEndpoint, Empty},
    rbac::{Permission, RunnerAction},
    value::ResourceName,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    context::PublicUrl,
    form::{EndpointForm, TextInput, answer_of},
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Registers a runner, and shows its token this once.
#[component]
pub(crate) fn CreateRunnerPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path.clone(), Empty {});
    let view = move |_, rights| {
        let path = path.clone();
        path.map(|path| view! { <Adding workspace_id=path.workspace_id rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="Add a runner" />
        <Loaded loading=workspace view=view />
    }
}

#[component]
fn Adding(workspace_id: WorkspaceId, rights: Rights) -> impl IntoView {
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let made = answer_of::<CreateRunnerResponse>(CreateRunner::INFO.name);
    let body = if let Some(made) = made {
        view! { <Made made=made /> }.into_any()
    } else if rights.allow(Permission::Runner(RunnerAction::Create)) {
        view! { <Form workspace_id=workspace_id /> }.into_any()
    } else {
        view! { <p class="soft">"Owners of the workspace may add runners."</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader
                title="Add a runner"
                lead="A runner is a program on one of your machines. It connects to Berth by itself, so the machine needs no open port."
                above=above
            />
            {body}
        </div>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId) -> impl IntoView {
    let path = CreateRunnerPath { workspace_id };
    let call = path.clone();
    let example = CreateRunnerRequest {
        name: ResourceName::trusted("build-box"),
    };
    // Without a page to go to on success: this one shows the answer.
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateRunner
                path=path
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
    let server = use_context::<PublicUrl>().map_or_else(String::new, |url| url.0);
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
