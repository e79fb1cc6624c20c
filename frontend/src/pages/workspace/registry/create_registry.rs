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
        "Workspace owners can add registry credentials.",
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
                label="Save registry"
                busy_label="Saving…"
                note="The password is encrypted before it is stored."
            >
                <TextInput
                    label="Host"
                    field="host"
                    mono=true
                    placeholder="ghcr.io"
                    hint="The first part of the image name, including the port if there is one. Images without a host come from docker.io."
                />
                <TextInput label="Username" field="user_name" mono=true />
                <TextInput
                    label="Password or token"
                    field="password"
                    kind="password"
                    autocomplete="new-password"
                    hint="A token with read-only access to images is best. It is never shown again."
                />
            </EndpointForm>
        </Card>
    }
    .into_any()
}
