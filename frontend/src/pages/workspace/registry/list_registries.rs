//! `/workspace/{workspace_id}/registry`

use components::{
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    format,
    icon::Glyph,
    page::PageHeader,
    rows::{Row, Rows},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::registry::{ListRegistries, ListRegistriesPath},
    page::Page,
    rbac::{Permission, RegistryAction},
    registry::Registry,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Lists the registries that a workspace keeps credentials for.
#[component]
pub(crate) fn ListRegistriesPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListRegistriesPath { workspace_id });
    let registries = load::<ListRegistries>(path.clone(), first_page());
    let view = move |page, rights| {
        let path = path.clone();
        path.map(|path| view! { <Registries path=path page=page rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="Registries" />
        <Loaded loading=registries view=view />
    }
}

#[component]
fn Registries(path: ListRegistriesPath, page: Page<Registry>, rights: Rights) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = rights.allow(Permission::Registry(RegistryAction::Create));
    let create = move || may_create.then(|| new_registry(workspace_id));
    let list = if page.items.is_empty() {
        view! {
            <EmptyState
                glyph=Glyph::Registry
                title="No registries yet"
                sentence="Images that everybody may pull need nothing here. For private ones, keep a user name and a password or token for their registry; runners use them for each pull and keep them nowhere."
            >
                {create}
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = page.items.iter().map(row).collect::<Vec<_>>();
        view! { <Rows label="Registries">{rows}</Rows> }.into_any()
    };
    view! {
        <div class="page">
            <PageHeader title="Registries" actions=create />
            {list}
            <ApiCall endpoint=ListRegistries path=path query=first_page() />
        </div>
    }
}

fn new_registry(workspace_id: WorkspaceId) -> AnyView {
    view! {
        <LinkButton
            kind=ButtonKind::Primary
            glyph=Glyph::Plus
            href=paths::new_registry(workspace_id)
            label="New registry"
        />
    }
    .into_any()
}

fn row(registry: &Registry) -> AnyView {
    let users = i64::try_from(registry.used_by.len()).unwrap_or(i64::MAX);
    let used = if users == 0 {
        "nothing comes from there".to_owned()
    } else {
        format!("images of {}", format::count(users, "deployment"))
    };
    let at = registry.updated_at;
    view! {
        <Row
            title=registry.host.to_string()
            href=paths::registry(registry.workspace_id, registry.registry_id)
            detail=format!("As {}, {used}", registry.user_name)
            end=move || view! { <Moment at=at /> }
        />
    }
    .into_any()
}
