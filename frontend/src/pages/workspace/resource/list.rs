//! The list of one kind of resource.

use components::{
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    icon::Glyph,
    page::PageHeader,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    page::{Page, PageQuery},
};
use serde::{Serialize, de::DeserializeOwned};

use super::ResourceKind;
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paging::{Pages, Paging},
};

/// Data source and texts of a list.
pub(crate) struct ResourceList<E: ApiEndpoint, T> {
    pub(crate) kind: ResourceKind,
    pub(crate) endpoint: E,
    pub(crate) path: fn(WorkspaceId) -> E::Path,
    pub(crate) glyph: Glyph,
    /// Title of the empty list.
    pub(crate) none: &'static str,
    /// Purpose of such a resource, in one sentence.
    pub(crate) sentence: &'static str,
    /// Renders the items of one page; there is at least one.
    pub(crate) rows: fn(&[T]) -> AnyView,
}

impl<E: ApiEndpoint + Copy, T> Clone for ResourceList<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: ApiEndpoint + Copy, T> Copy for ResourceList<E, T> {}

/// Lists the resources of a workspace, page by page.
pub(crate) fn list_page<E, T>(listing: ResourceList<E, T>) -> AnyView
where
    E: ApiEndpoint<Query = PageQuery, Request = Empty, Response = Page<T>> + Copy,
    Session: Satisfies<E::Caller>,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let workspace_id = workspace_id();
    let paging = Paging::of(workspace_id.map_or_else(String::new, listing.kind.list));
    let page = load::<E>(workspace_id.map(listing.path), paging.query());
    let view = move |page: Page<T>, grants| {
        let paging = paging.clone();
        workspace_id
            .map(|workspace_id| things(listing, workspace_id, paging, page, grants))
            .into_any()
    };
    view! {
        <Title text=listing.kind.many />
        <Loaded loading=page view=view />
    }
    .into_any()
}

fn things<E, T>(
    listing: ResourceList<E, T>,
    workspace_id: WorkspaceId,
    paging: Paging,
    page: Page<T>,
    grants: Grants,
) -> impl IntoView
where
    E: ApiEndpoint<Query = PageQuery> + Copy,
    T: 'static,
{
    let ResourceKind {
        many,
        new,
        create,
        permission,
        ..
    } = listing.kind;
    let may_create = grants.allow(permission);
    let create = move || {
        let href = create(workspace_id);
        may_create.then(|| {
            view! {
                <LinkButton kind=ButtonKind::Primary glyph=Glyph::Plus href=href label=new />
            }
        })
    };
    let rows = if !page.items.is_empty() {
        (listing.rows)(&page.items)
    } else if page.total > 0 {
        // The items of this page were removed meanwhile.
        view! { <p class="soft">"There is nothing left on this page."</p> }.into_any()
    } else {
        view! {
            <EmptyState glyph=listing.glyph title=listing.none sentence=listing.sentence>
                {create}
            </EmptyState>
        }
        .into_any()
    };
    let query = paging.query();
    view! {
        <div class="page">
            <PageHeader title=many actions=create />
            {rows}
            <Pages paging=paging next=page.next_cursor total=page.total />
            <ApiCall endpoint=listing.endpoint path=(listing.path)(workspace_id) query=query />
        </div>
    }
}
