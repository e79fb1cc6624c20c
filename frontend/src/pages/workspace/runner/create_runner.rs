//! `/workspace/{workspace_id}/runner/new`: the form for a new runner.

use components::{button::ButtonKind, page::PageHeader, section::Card};
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
    account::Grants,
    api_call::ApiCall,
    form::{EndpointForm, TextInput, answer_of},
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paths,
    sections::runner_command::RunnerCommand,
};

/// Registers a runner and shows its token once.
#[component]
pub(crate) fn CreateRunnerPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path.clone(), Empty {});
    let view = move |_, grants| {
        let path = path.clone();
        path.map(|path| view! { <Adding workspace_id=path.workspace_id grants=grants /> })
            .into_any()
    };
    view! {
        <Title text="Add a runner" />
        <Loaded loading=workspace view=view />
    }
}

#[component]
fn Adding(workspace_id: WorkspaceId, grants: Grants) -> impl IntoView {
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let made = answer_of::<CreateRunnerResponse>(CreateRunner::INFO.name);
    let body = if let Some(made) = made {
        view! {
            <RunnerCommand
                runner=made.runner
                token=made.token
                lost="If you lose it, create a new token for the runner."
            />
        }
        .into_any()
    } else if grants.allow(Permission::Runner(RunnerAction::Create)) {
        view! { <Form workspace_id=workspace_id /> }.into_any()
    } else {
        view! { <p class="soft">"Workspace owners can add runners."</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader
                title="Add a runner"
                lead="A runner is a program on one of your hosts. It opens the connection to Berth, so the host needs no open port."
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
    // Without a success page, this page shows the response.
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateRunner
                path=path
                kind=ButtonKind::Primary
                label="Add runner"
                busy_label="Adding…"
                note="The next page shows the command to run on the host."
            >
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="build-box"
                    hint="Often the host name. Lowercase letters, digits and hyphens."
                />
            </EndpointForm>
        </Card>
        <p class="soft">
            "Or start the runner without a token and "
            <a href=paths::enter_code(call.workspace_id, None)>"enter the code"</a> " it shows."
        </p>
        <ApiCall endpoint=CreateRunner path=call query=Empty {} request=example />
    }
}
