//! `/workspace/{workspace_id}/registry/new`

use components::{button::ButtonKind, page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        GetWorkspace, GetWorkspacePath,
        registry::{CreateRegistry, CreateRegistryPath},
    },
    endpoint::Empty,
    rbac::{Permission, RegistryAction},
};

use crate::{
    account::Rights,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Keeps credentials for a registry.
#[component]
pub(crate) fn CreateRegistryPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path.clone(), Empty {});
    let view = move |_, rights| {
        let path = path.clone();
        path.map(|path| view! { <Creating workspace_id=path.workspace_id rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="New registry" />
        <Loaded loading=workspace view=view />
    }
}

#[component]
fn Creating(workspace_id: WorkspaceId, rights: Rights) -> impl IntoView {
    let above = ("Registries".to_owned(), paths::registries(workspace_id));
    let body = if rights.allow(Permission::Registry(RegistryAction::Create)) {
        view! { <Form workspace_id=workspace_id /> }.into_any()
    } else {
        view! { <p class="soft">"Owners of the workspace may keep credentials for registries."</p> }
            .into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title="New registry" above=above />
            {body}
        </div>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateRegistry
                path=CreateRegistryPath { workspace_id }
                success="/workspace/{registry.workspace_id}/registry/{registry.registry_id}"
                kind=ButtonKind::Primary
                label="Keep it"
                busy_label="Keeping…"
                note="The password is sealed before it is stored."
            >
                <TextInput
                    label="Host"
                    field="host"
                    mono=true
                    placeholder="ghcr.io"
                    hint="As the names of its images begin, with the port if they have one. Images that name no host come from docker.io."
                />
                <TextInput label="User name" field="user_name" mono=true />
                <TextInput
                    label="Password or token"
                    field="password"
                    kind="password"
                    autocomplete="new-password"
                    hint="Best a token that may only read images. No page shows it again."
                />
            </EndpointForm>
        </Card>
    }
}
