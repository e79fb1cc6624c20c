//! `/workspace/{workspace_id}/registry`: the list of registries.

use components::{
    format,
    icon::Glyph,
    rows::{Row, Rows},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::registry::{ListRegistries, ListRegistriesPath},
    registry::Registry,
};

use super::REGISTRIES;
use crate::{
    pages::workspace::resource::list::{ResourceList, list_page},
    paths,
};

/// Lists a workspace's registries.
#[component]
pub(crate) fn ListRegistriesPage() -> impl IntoView {
    list_page(ResourceList {
        kind: REGISTRIES,
        endpoint: ListRegistries,
        path: |workspace_id| ListRegistriesPath { workspace_id },
        glyph: Glyph::Registry,
        none: "No registries yet",
        sentence: "Public images need no credentials. For private images, add a username and a password or token for their registry. Runners use them for each pull and never store them.",
        rows,
    })
}

fn rows(registries: &[Registry], _: bool) -> AnyView {
    let rows = registries.iter().map(row).collect::<Vec<_>>();
    view! { <Rows label="Registries">{rows}</Rows> }.into_any()
}

fn row(registry: &Registry) -> AnyView {
    let users = i64::try_from(registry.used_by.len()).unwrap_or(i64::MAX);
    let used = if users == 0 {
        "not used".to_owned()
    } else {
        format!("used by {}", format::count(users, "deployment"))
    };
    let at = registry.updated_at;
    view! {
        <Row
            title=registry.host.to_string()
            href=paths::registry(registry.workspace_id, registry.registry_id)
            detail=format!("Username {}, {used}", registry.user_name)
            end=move || view! { <Moment at=at /> }
        />
    }
    .into_any()
}
