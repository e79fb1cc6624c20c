//! `/workspace/{workspace_id}/enrolment/{enrolment_id}`: a registration request.

mod asking;
mod deciding;

use components::{alert::Alert, button::LinkButton, page::PageHeader, status::Tone};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        enrolment::{GetEnrolment, GetEnrolmentPath, GetEnrolmentResponse},
    },
    endpoint::Empty,
    rbac::{Permission, RunnerAction},
    runner::{Enrolment, EnrolmentState},
};

use self::{asking::Asking, deciding::Deciding};
use crate::{
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, load},
    pages::workspace::ids::{enrolment_id, workspace_id},
    paths,
    region::Region,
};

/// A registration request: the runner's details, and the decision.
#[component]
pub(crate) fn GetEnrolmentPage() -> impl IntoView {
    let path = workspace_id()
        .zip(enrolment_id())
        .map(|(workspace_id, enrolment_id)| GetEnrolmentPath {
            workspace_id,
            enrolment_id,
        });
    let enrolment = load::<GetEnrolment>(path.clone(), Empty {});
    let view = move |GetEnrolmentResponse { enrolment }: GetEnrolmentResponse, rights: Rights| {
        let path = path.clone();
        path.map(|path| view! { <Answering path=path enrolment=enrolment rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="A runner asks to be added" />
        <Loaded loading=enrolment view=view />
    }
}

#[component]
fn Answering(path: GetEnrolmentPath, enrolment: Enrolment, rights: Rights) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let above = ("Runners".to_owned(), paths::runners(workspace_id));
    let may_decide = rights.allow(Permission::Runner(RunnerAction::Create));
    let (decided, waiting) = (path.clone(), enrolment.clone());
    let body = match enrolment.state {
        EnrolmentState::Waiting if may_decide => {
            view! { <Deciding path=decided enrolment=waiting /> }.into_any()
        }
        EnrolmentState::Waiting => view! {
            <p class="soft">"Owners of the workspace may answer."</p>
        }
        .into_any(),
        EnrolmentState::Approved => {
            view! { <Approved path=decided enrolment=waiting /> }.into_any()
        }
        EnrolmentState::Refused => {
            view! { <Ended path=decided title="This runner was refused" /> }.into_any()
        }
        EnrolmentState::Expired => {
            view! { <Ended path=decided title="Nobody answered within ten minutes" /> }.into_any()
        }
        EnrolmentState::Withdrawn => {
            view! { <Ended path=decided title="This runner went away" /> }.into_any()
        }
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title="A runner asks to be added" above=above />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <div class="stack">
                    <Asking enrolment=enrolment />
                    {body}
                </div>
            </Region>
            <ApiCall endpoint=GetEnrolment path=path query=Empty {} />
        </div>
    }
}

#[component]
fn Approved(path: GetEnrolmentPath, enrolment: Enrolment) -> impl IntoView {
    let link = enrolment.runner_id.map(|runner_id| {
        let href = paths::runner(path.workspace_id, runner_id);
        view! { <LinkButton href=href label="To the runner" /> }
    });
    view! {
        <Alert tone=Tone::Ok title="This runner was added">
            {link}
        </Alert>
    }
}

#[component]
fn Ended(path: GetEnrolmentPath, #[prop(into)] title: String) -> impl IntoView {
    let href = paths::enter_code(path.workspace_id, None);
    view! {
        <Alert tone=Tone::Neutral title=title>
            <p>"A runner that is still asking shows another code."</p>
            <LinkButton href=href label="Enter a code" />
        </Alert>
    }
}
