//! `/workspace/{workspace_id}/registration/{registration_id}`: one registration.

mod decision;
mod request;

use components::{alert::Alert, button::LinkButton, page::PageHeader, status::Tone};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        registration::{GetRegistration, GetRegistrationPath, GetRegistrationResponse},
    },
    endpoint::Empty,
    rbac::{Permission, RunnerAction},
    runner::{Registration, RegistrationState},
};

use self::{decision::Decision, request::RegistrationRequestView};
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load},
    pages::workspace::ids::{registration_id, workspace_id},
    paths,
    region::Region,
};

/// A registration request: the runner's details, and the decision.
#[component]
pub(crate) fn GetRegistrationPage() -> impl IntoView {
    let path = workspace_id()
        .zip(registration_id())
        .map(|(workspace_id, registration_id)| GetRegistrationPath {
            workspace_id,
            registration_id,
        });
    let registration = load::<GetRegistration>(path.clone(), Empty {});
    let view = move |GetRegistrationResponse { registration }: GetRegistrationResponse,
                     grants: Grants| {
        let path = path.clone();
        path.map(|path| view! { <PendingRegistration path=path registration=registration grants=grants /> })
            .into_any()
    };
    view! {
        <Title text="Runner registration" />
        <Loaded loading=registration view=view />
    }
}

#[component]
fn PendingRegistration(
    path: GetRegistrationPath,
    registration: Registration,
    grants: Grants,
) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let may_decide = grants.allow(Permission::Runner(RunnerAction::Create));
    let (decided, waiting) = (path.clone(), registration.clone());
    let body = match registration.state {
        RegistrationState::Waiting if may_decide => {
            view! { <Decision path=decided registration=waiting /> }.into_any()
        }
        RegistrationState::Waiting => view! {
            <p class="soft">"Workspace owners can approve or deny this runner."</p>
        }
        .into_any(),
        RegistrationState::Approved => {
            view! { <Approved path=decided registration=waiting /> }.into_any()
        }
        RegistrationState::Denied => {
            view! { <Ended path=decided title="This registration was denied" /> }.into_any()
        }
        RegistrationState::Expired => {
            view! { <Ended path=decided title="The code expired after ten minutes" /> }.into_any()
        }
        RegistrationState::Withdrawn => {
            view! { <Ended path=decided title="This runner disconnected" /> }.into_any()
        }
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title="Runner registration" above=above />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <div class="stack">
                    <RegistrationRequestView registration=registration />
                    {body}
                </div>
            </Region>
            <ApiCall endpoint=GetRegistration path=path query=Empty {} />
        </div>
    }
}

#[component]
fn Approved(path: GetRegistrationPath, registration: Registration) -> impl IntoView {
    let link = registration.runner_id.map(|runner_id| {
        let href = paths::runner(path.workspace_id, runner_id);
        view! { <LinkButton href=href label="Go to runner" /> }
    });
    view! {
        <Alert tone=Tone::Ok title="This runner was added">
            {link}
        </Alert>
    }
}

#[component]
fn Ended(path: GetRegistrationPath, #[prop(into)] title: String) -> impl IntoView {
    let href = paths::enter_code(path.workspace_id, None);
    view! {
        <Alert tone=Tone::Neutral title=title>
            <p>"A runner that is still waiting shows a new code."</p>
            <LinkButton href=href label="Enter a code" />
        </Alert>
    }
}
