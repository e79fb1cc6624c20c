//! `/workspace/{workspace_id}/registry/{registry_id}`: a registry.

use components::{
    button::ButtonKind,
    code::CodeInline,
    facts::{Fact, Facts},
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::registry::{
        DeleteRegistry, DeleteRegistryPath, GetRegistry, GetRegistryPath, GetRegistryResponse,
        UpdateRegistry, UpdateRegistryPath,
    },
    rbac::{Permission, RegistryAction},
    registry::Registry,
};

use super::REGISTRIES;
use crate::{
    account::Grants,
    form::{EndpointForm, TextInput},
    pages::workspace::{
        ids::{registry_id, workspace_id},
        resource::{
            Users,
            get::{EndOf, ResourcePage, thing_page},
        },
    },
    paths,
};

/// A registry: the deployments that use it, new credentials, its deletion.
#[component]
pub(crate) fn GetRegistryPage() -> impl IntoView {
    let ids = workspace_id().zip(registry_id());
    let path = ids.map(|(workspace_id, registry_id)| GetRegistryPath {
        workspace_id,
        registry_id,
    });
    thing_page(REGISTRIES, GetRegistry, path, thing)
}

fn thing(GetRegistryResponse { registry }: GetRegistryResponse, grants: Grants) -> ResourcePage {
    let may = |action| grants.allow(Permission::Registry(action));
    let replacing =
        may(RegistryAction::Edit).then(|| view! { <Replacing registry=registry.clone() /> });
    let deleting =
        may(RegistryAction::Delete).then(|| view! { <Deleting registry=registry.clone() /> });
    ResourcePage {
        title: registry.host.to_string(),
        workspace_id: registry.workspace_id,
        body: view! {
            <About registry=registry />
            {replacing}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn About(registry: Registry) -> impl IntoView {
    let workspace_id = registry.workspace_id;
    let users = registry.used_by.iter().map(|user| {
        let href = paths::deployment(workspace_id, user.deployment_id);
        view! {
            <a href=href>{user.name.to_string()}</a>
            " "
            <CodeInline text=user.image.to_string() />
        }
        .into_any()
    });
    let users = users.collect();
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
                <Fact name="Pulled from there">
                    <Users users=users />
                </Fact>
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
        <EndOf
            endpoint=DeleteRegistry
            path=path
            warning=ViewFn::from(move || warning)
            name=registry.host.to_string()
            success=paths::registries(registry.workspace_id)
            label="Delete this registry"
            busy_label="Deleting…"
        />
    }
}
