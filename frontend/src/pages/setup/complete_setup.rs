//! `/setup?token=…`: the one-time set-up form.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    layout::PlainFrame,
    page::PageHeader,
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use models::{
    api::setup::{CompleteSetup, GetSetup, GetSetupResponse},
    endpoint::Empty,
};

use crate::{
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::index::NotSetUp,
    paths,
};

/// The form for the first account and the first workspace.
#[component]
pub(crate) fn CompleteSetupPage() -> impl IntoView {
    let token = use_query_map()
        .read_untracked()
        .get("token")
        .unwrap_or_default();
    let setup = load::<GetSetup>(Some(Empty {}), Empty {});
    let view = move |setup: GetSetupResponse, _| {
        if setup.is_done {
            view! { <SetUpAlready /> }.into_any()
        } else if token.is_empty() {
            view! { <NotSetUp /> }.into_any()
        } else {
            view! { <SetUpForm token=token.clone() /> }.into_any()
        }
    };
    view! { <Loaded loading=setup view=view /> }
}

#[component]
fn SetUpForm(token: String) -> impl IntoView {
    view! {
        <Title text="Set up" />
        <PlainFrame>
            <PageHeader
                title="Set up Berth"
                lead="Create the first account. It is the administrator of this server."
            />
            <div class="plain-card">
                <EndpointForm
                    endpoint=CompleteSetup
                    path=Empty {}
                    success="/workspace/{workspace.workspace_id}"
                    kind=ButtonKind::Primary
                    label="Create account"
                    busy_label="Creating account…"
                >
                    <input type="hidden" name="token" value=token />
                    <TextInput label="Your name" field="name" autocomplete="name" />
                    <TextInput label="Email" field="email" kind="email" autocomplete="username" />
                    <TextInput
                        label="Password"
                        field="password"
                        kind="password"
                        autocomplete="new-password"
                        hint="At least 10 characters. A few words make a good password."
                    />
                    <TextInput
                        label="Workspace"
                        field="workspace_name"
                        value="main"
                        mono=true
                        hint="Holds your deployments. Lowercase letters, digits and hyphens."
                    />
                </EndpointForm>
            </div>
        </PlainFrame>
    }
}

#[component]
fn SetUpAlready() -> impl IntoView {
    view! {
        <Title text="Set up" />
        <PlainFrame>
            <PageHeader title="Berth is set up" />
            <Alert tone=Tone::Ok title="This server already has an administrator">
                <p>"A set-up link works only once. Sign in with your account."</p>
            </Alert>
            <LinkButton kind=ButtonKind::Primary href=paths::SIGN_IN label="Sign in" />
        </PlainFrame>
    }
}
