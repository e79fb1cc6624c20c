//! `/workspace/{workspace_id}/runner/{runner_id}/token`: the form for a new token.

use components::{alert::Alert, button::ButtonKind, page::PageHeader, section::Card, status::Tone};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::runner::{
        GetRunner, GetRunnerPath, GetRunnerResponse, RotateRunnerToken, RotateRunnerTokenPath,
        RotateRunnerTokenResponse,
    },
    endpoint::{ApiEndpoint, Empty},
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    form::{EndpointForm, answer_of},
    load::{Loaded, load},
    pages::workspace::ids::{runner_id, workspace_id},
    paths,
    sections::runner_command::RunnerCommand,
};

/// Gives a runner a new token and shows it once.
#[component]
pub(crate) fn RotateRunnerTokenPage() -> impl IntoView {
    let path = workspace_id()
        .zip(runner_id())
        .map(|(workspace_id, runner_id)| GetRunnerPath {
            workspace_id,
            runner_id,
        });
    let runner = load::<GetRunner>(path, Empty {});
    let view = move |GetRunnerResponse { runner }: GetRunnerResponse, grants: Grants| {
        view! { <Rotating runner=runner grants=grants /> }.into_any()
    };
    view! {
        <Title text="New token" />
        <Loaded loading=runner view=view />
    }
}

#[component]
fn Rotating(runner: Runner, grants: Grants) -> impl IntoView {
    let title = format!("New token for {}", runner.name);
    let above = (
        runner.name.to_string(),
        paths::runner(runner.workspace_id, runner.runner_id),
    );
    let made = answer_of::<RotateRunnerTokenResponse>(RotateRunnerToken::INFO.name);
    let body = if let Some(made) = made {
        view! {
            <RunnerCommand
                runner=made.runner
                token=made.token
                lost="If you lose it, create another one here."
            />
        }
        .into_any()
    } else if grants.allow(Permission::Runner(RunnerAction::Edit)) {
        view! { <Form runner=runner /> }.into_any()
    } else {
        view! { <p class="soft">"Workspace owners can create a new token for a runner."</p> }
            .into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title=title above=above />
            {body}
        </div>
    }
}

#[component]
fn Form(runner: Runner) -> impl IntoView {
    let path = RotateRunnerTokenPath {
        workspace_id: runner.workspace_id,
        runner_id: runner.runner_id,
    };
    let call = path.clone();
    // Without a success page, this page shows the response.
    view! {
        <Card danger=true>
            <Alert tone=Tone::Warn title="The current token stops working immediately">
                <p>
                    "The runner is disconnected. Its apps keep running, but you cannot deploy to it until it is started with the new token. The runner built into berthd picks up a new token automatically."
                </p>
            </Alert>
            <EndpointForm
                endpoint=RotateRunnerToken
                path=path
                kind=ButtonKind::Danger
                label="Create token"
                busy_label="Creating…"
            />
        </Card>
        <ApiCall endpoint=RotateRunnerToken path=call query=Empty {} />
    }
}
