//! `/workspace/{workspace_id}/secret/new`

use components::{button::ButtonKind, page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        GetWorkspace, GetWorkspacePath,
        secret::{CreateSecret, CreateSecretPath},
    },
    endpoint::Empty,
    rbac::{Permission, SecretAction},
};

use crate::{
    account::Rights,
    form::{EndpointForm, TextAreaInput, TextInput},
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Keeps a secret.
#[component]
pub(crate) fn CreateSecretPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path.clone(), Empty {});
    let view = move |_, rights| {
        let path = path.clone();
        path.map(|path| view! { <Creating workspace_id=path.workspace_id rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="New secret" />
        <Loaded loading=workspace view=view />
    }
}

#[component]
fn Creating(workspace_id: WorkspaceId, rights: Rights) -> impl IntoView {
    let above = ("Secrets".to_owned(), paths::secrets(workspace_id));
    let body = if rights.allow(Permission::Secret(SecretAction::Create)) {
        view! { <Form workspace_id=workspace_id /> }.into_any()
    } else {
        view! { <p class="soft">"Owners of the workspace may keep secrets."</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title="New secret" above=above />
            {body}
        </div>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateSecret
                path=CreateSecretPath { workspace_id }
                success="/workspace/{secret.workspace_id}/secret/{secret.secret_id}"
                kind=ButtonKind::Primary
                label="Keep it"
                busy_label="Keeping…"
                note="It is sealed before it is stored."
            >
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="STRIPE_KEY"
                    hint="Unique in the workspace. Letters, digits, underscores, hyphens and dots."
                />
                <TextAreaInput
                    label="Value"
                    field="secret_value"
                    hint="A password, a key, a certificate. No page shows it again."
                    required=true
                />
            </EndpointForm>
        </Card>
    }
}
