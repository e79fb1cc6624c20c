//! `/workspace/{workspace_id}/registry/new`: the form for a new registry.

use components::{button::ButtonKind, section::Card};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::registry::{CreateRegistry, CreateRegistryPath},
};

use super::REGISTRIES;
use crate::{
    form::{EndpointForm, TextInput},
    pages::workspace::resource::create::create_page,
};

/// The form for a registry's credentials.
#[component]
pub(crate) fn CreateRegistryPage() -> impl IntoView {
    create_page(
        REGISTRIES,
        "Owners of the workspace may keep credentials for registries.",
        form,
    )
}

fn form(workspace_id: WorkspaceId) -> AnyView {
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
    .into_any()
}
