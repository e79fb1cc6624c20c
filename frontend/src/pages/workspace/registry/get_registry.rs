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
                <Fact name="Username">
                    <CodeInline text=registry.user_name.to_string() />
                </Fact>
                <Fact name="Changed">
                    <Moment at=at />
                </Fact>
                <Fact name="Used by">
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
            title="Replace credentials"
            lead="The next pull uses the new credentials. No release is needed, and running instances are not affected."
        >
            <Card>
                <EndpointForm
                    endpoint=UpdateRegistry
                    path=path
                    success=paths::registry(registry.workspace_id, registry.registry_id)
                    kind=ButtonKind::Primary
                    label="Replace credentials"
                    busy_label="Replacing…"
                >
                    <TextInput
                        label="Username"
                        field="user_name"
                        value=registry.user_name.to_string()
                        mono=true
                    />
                    <TextInput
                        label="Password or token"
                        field="password"
                        kind="password"
                        autocomplete="new-password"
                        hint="Leave empty to keep the current one."
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
        "Images from this registry will be pulled without credentials."
    } else {
        "Images from this registry will be pulled without credentials. Running apps keep running, but \
         cannot start on a host that does not have their image."
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
