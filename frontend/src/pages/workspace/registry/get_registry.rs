//! `/workspace/{workspace_id}/registry/{registry_id}`

use components::{
    button::ButtonKind,
    code::CodeInline,
    confirm::ConfirmByTyping,
    facts::{Fact, Facts},
    page::PageHeader,
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::registry::{
        DeleteRegistry, DeleteRegistryPath, GetRegistry, GetRegistryPath, GetRegistryResponse,
        UpdateRegistry, UpdateRegistryPath,
    },
    endpoint::Empty,
    rbac::{Permission, RegistryAction},
    registry::Registry,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::workspace::ids::{registry_id, workspace_id},
    paths,
};

/// A registry: who pulls from it, other credentials, their end.
#[component]
pub(crate) fn GetRegistryPage() -> impl IntoView {
    let path = workspace_id()
        .zip(registry_id())
        .map(|(workspace_id, registry_id)| GetRegistryPath {
            workspace_id,
            registry_id,
        });
    let registry = load::<GetRegistry>(path.clone(), Empty {});
    let view = move |GetRegistryResponse { registry }: GetRegistryResponse, rights: Rights| {
        let title = registry.host.to_string();
        let above = (
            "Registries".to_owned(),
            paths::registries(registry.workspace_id),
        );
        let call = path.clone().map(|path| {
            view! { <ApiCall endpoint=GetRegistry path=path query=Empty {} /> }
        });
        let replacing = rights
            .allow(Permission::Registry(RegistryAction::Edit))
            .then(|| view! { <Replacing registry=registry.clone() /> });
        let deleting = rights
            .allow(Permission::Registry(RegistryAction::Delete))
            .then(|| view! { <Deleting registry=registry.clone() /> });
        view! {
            <Title text=title.clone() />
            <div class="page page-narrow">
                <PageHeader title=title above=above />
                <About registry=registry />
                {replacing}
                {deleting}
                {call}
            </div>
        }
        .into_any()
    };
    view! { <Loaded loading=registry view=view /> }
}

#[component]
fn About(registry: Registry) -> impl IntoView {
    let workspace_id = registry.workspace_id;
    let users = registry.used_by.iter().map(|user| {
        let href = paths::deployment(workspace_id, user.deployment_id);
        view! {
            <li>
                <a href=href>{user.name.to_string()}</a>
                " "
                <CodeInline text=user.image.to_string() />
            </li>
        }
    });
    let users = if registry.used_by.is_empty() {
        view! { <span class="soft">"nothing"</span> }.into_any()
    } else {
        view! { <ul class="stack-tight">{users.collect_view()}</ul> }.into_any()
    };
    let at = registry.updated_at;
    view! {
        <Card>
            <Facts>
                <Fact name="User name">
                    <CodeInline text=registry.user_name.to_string() />
                </Fact>
                <Fact name="Changed">
                    <Moment at=at />
                </Fact>
                <Fact name="Pulled from there">{users}</Fact>
                <Fact name="Id">
                    <CodeInline text=registry.registry_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn Replacing(registry: Registry) -> impl IntoView {
    let path = UpdateRegistryPath {
        workspace_id: registry.workspace_id,
        registry_id: registry.registry_id,
    };
    view! {
        <Section
            title="Replace the credentials"
            lead="The next pull uses them. No release is needed, and what runs is not touched."
        >
            <Card>
                <EndpointForm
                    endpoint=UpdateRegistry
                    path=path
                    success=paths::registry(registry.workspace_id, registry.registry_id)
                    kind=ButtonKind::Primary
                    label="Replace them"
                    busy_label="Replacing…"
                >
                    <TextInput
                        label="User name"
                        field="user_name"
                        value=registry.user_name.to_string()
                        mono=true
                    />
                    <TextInput
                        label="Password or token"
                        field="password"
                        kind="password"
                        autocomplete="new-password"
                        hint="When empty, the one that is kept stays."
                        optional=true
                    />
                </EndpointForm>
            </Card>
        </Section>
    }
}

#[component]
fn Deleting(registry: Registry) -> impl IntoView {
    let path = DeleteRegistryPath {
        workspace_id: registry.workspace_id,
        registry_id: registry.registry_id,
    };
    let warning = if registry.used_by.is_empty() {
        "Images of this registry are pulled without credentials then."
    } else {
        "Images of this registry are pulled without credentials then. What runs goes on, but it \
         cannot be started on a machine that does not have its image."
    };
    view! {
        <Section title="Delete">
            <Card danger=true>
                <p>{warning}</p>
                <EndpointForm
                    endpoint=DeleteRegistry
                    path=path
                    success=paths::registries(registry.workspace_id)
                    kind=ButtonKind::Danger
                    label="Delete this registry"
                    busy_label="Deleting…"
                >
                    <ConfirmByTyping expected=registry.host.to_string() />
                </EndpointForm>
            </Card>
        </Section>
    }
}
