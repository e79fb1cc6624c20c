//! `/workspace/{workspace_id}/registration`: the form for a user code.

use components::{
    button::ButtonKind,
    code::CodeBlock,
    page::PageHeader,
    section::{Card, Section},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        GetWorkspace, GetWorkspacePath,
        registration::{FindRegistration, FindRegistrationPath, FindRegistrationRequest},
    },
    endpoint::Empty,
    rbac::{Permission, RunnerAction},
    value::UserCode,
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    context::PublicUrl,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::{register::code_in_address, workspace::ids::workspace_id},
    paths,
};

/// The form for the user code that a runner shows.
#[component]
pub(crate) fn FindRegistrationPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| GetWorkspacePath { workspace_id });
    let code = code_in_address();
    let workspace = load::<GetWorkspace>(path.clone(), Empty {});
    let view = move |_, grants: Grants| {
        let (path, code) = (path.clone(), code.clone());
        path.map(|path| {
            let may_create = grants.allow(Permission::Runner(RunnerAction::Create));
            view! { <Finding workspace_id=path.workspace_id code=code may_create=may_create /> }
        })
        .into_any()
    };
    view! {
        <Title text="Enter a code" />
        <Loaded loading=workspace view=view />
    }
}

#[component]
fn Finding(workspace_id: WorkspaceId, code: Option<UserCode>, may_create: bool) -> impl IntoView {
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let body = if may_create {
        view! { <Form workspace_id=workspace_id code=code /> }.into_any()
    } else {
        view! { <p class="soft">"Workspace owners can add runners."</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader
                title="Enter a code"
                lead="A runner that starts without a token shows a code."
                above=above
            />
            {body}
        </div>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId, code: Option<UserCode>) -> impl IntoView {
    let path = FindRegistrationPath { workspace_id };
    let call = path.clone();
    let example = FindRegistrationRequest {
        code: UserCode::trusted("BDWP-HQPK"),
    };
    let server = use_context::<PublicUrl>().map_or_else(String::new, |url| url.0);
    let command = format!("berth-runner-docker --server {server}");
    let code = code.map_or_else(String::new, |code| code.to_string());
    view! {
        <Card>
            <EndpointForm
                endpoint=FindRegistration
                path=path
                success=format!("/workspace/{workspace_id}/registration/{{registration.registration_id}}")
                kind=ButtonKind::Primary
                label="Continue"
                busy_label="Checking…"
                note="The next page shows the host of the runner. Nothing is added yet."
            >
                <TextInput
                    label="Code"
                    field="code"
                    value=code
                    mono=true
                    placeholder="BDWP-HQPK"
                    hint="Enter a code only if a runner on one of your hosts shows it right now."
                />
            </EndpointForm>
        </Card>
        <Section
            title="Get a code"
            lead="On a host with Docker Engine and the berth-runner-docker program, start the runner without a token. It shows a code that is valid for ten minutes."
        >
            <CodeBlock label="Command to start the runner" text=command />
        </Section>
        <ApiCall endpoint=FindRegistration path=call query=Empty {} request=example />
    }
}
