//! The page with the form for a new resource.

use components::page::PageHeader;
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{GetWorkspace, GetWorkspacePath},
    endpoint::Empty,
};

use super::ResourceKind;
use crate::{
    account::Grants,
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    sections::environment_switch::{Environments, load_environments},
};

/// A page with a form that needs only the workspace.
pub(crate) fn create_page(
    kind: ResourceKind,
    refusal: &'static str,
    form: fn(WorkspaceId) -> AnyView,
) -> AnyView {
    let workspace_id = workspace_id();
    let path = workspace_id.map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path, Empty {});
    let view = move |_, grants| {
        workspace_id
            .map(|workspace_id| {
                let form = move || form(workspace_id);
                creating(kind, workspace_id, grants, refusal, form)
            })
            .into_any()
    };
    view! {
        <Title text=kind.new />
        <Loaded loading=workspace view=view />
    }
    .into_any()
}

/// A page with a form that needs only the workspace and its environments.
pub(crate) fn create_page_in(
    kind: ResourceKind,
    refusal: &'static str,
    form: fn(WorkspaceId, Environments) -> AnyView,
) -> AnyView {
    let workspace_id = workspace_id();
    let environments = load_environments(workspace_id);
    let view = move |environments: Environments, grants| {
        workspace_id
            .map(|workspace_id| {
                let form = move || form(workspace_id, environments);
                creating(kind, workspace_id, grants, refusal, form)
            })
            .into_any()
    };
    view! {
        <Title text=kind.new />
        <Loaded loading=environments view=view />
    }
    .into_any()
}

/// The form, or a note for people without the permission.
pub(crate) fn creating(
    kind: ResourceKind,
    workspace_id: WorkspaceId,
    grants: Grants,
    refusal: &'static str,
    form: impl FnOnce() -> AnyView,
) -> impl IntoView {
    let body = if grants.allow(kind.permission) {
        form()
    } else {
        view! { <p class="soft">{refusal}</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title=kind.new above=kind.above(workspace_id) />
            {body}
        </div>
    }
}
