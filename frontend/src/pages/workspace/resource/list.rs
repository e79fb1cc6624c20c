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
    EnvironmentId, WorkspaceId,
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
    name_or_id::NameOrId,
    page::{EnvironmentPageQuery, Page, PageQuery},
};
use serde::{Serialize, de::DeserializeOwned};

use super::ResourceKind;
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paging::{Pages, Paging},
    paths,
    sections::environment_switch::{
        EnvironmentSwitch, Environments, environment_in_address, load_environments,
    },
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
    ///
    /// With `true`, each says which environment it belongs to.
    pub(crate) rows: fn(&[T], bool) -> AnyView,
}

/// The query of a list, for one of its pages.
pub(crate) trait ListQuery: Sized {
    /// True if the items belong to environments.
    const IN_ENVIRONMENTS: bool;

    /// Returns the query for one page, limited to an environment.
    fn new(page: PageQuery, environment: Option<EnvironmentId>) -> Self;
}

impl ListQuery for PageQuery {
    const IN_ENVIRONMENTS: bool = false;

    fn new(page: PageQuery, _: Option<EnvironmentId>) -> Self {
        page
    }
}

impl ListQuery for EnvironmentPageQuery {
    const IN_ENVIRONMENTS: bool = true;

    fn new(page: PageQuery, environment: Option<EnvironmentId>) -> Self {
        Self {
            environment: environment.map(NameOrId::Id),
            ..page.into()
        }
    }
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
    E: ApiEndpoint<Query: ListQuery, Request = Empty, Response = Page<T>> + Copy,
    Session: Satisfies<E::Caller>,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let workspace_id = workspace_id();
    let environment = environment_in_address().filter(|_| E::Query::IN_ENVIRONMENTS);
    let list = workspace_id.map_or_else(String::new, listing.kind.list);
    let paging = Paging::of(paths::within(&list, environment));
    let query = E::Query::new(paging.query(), environment);
    let page = load::<E>(workspace_id.map(listing.path), query);
    let environments = load_environments(workspace_id.filter(|_| E::Query::IN_ENVIRONMENTS));
    let view = move |(page, environments): (Page<T>, Environments), grants| {
        let list = List {
            paging: paging.clone(),
            environment,
            environments,
        };
        workspace_id
            .map(|workspace_id| things(listing, workspace_id, list, page, grants))
            .into_any()
    };
    view! {
        <Title text=listing.kind.many />
        <Loaded loading=(page, environments) view=view />
    }
    .into_any()
}

/// The part of a list that its address selects.
struct List {
    paging: Paging,
    environment: Option<EnvironmentId>,
    environments: Environments,
}

fn things<E, T>(
    listing: ResourceList<E, T>,
    workspace_id: WorkspaceId,
    list: List,
    page: Page<T>,
    grants: Grants,
) -> impl IntoView
where
    E: ApiEndpoint<Query: ListQuery> + Copy,
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
    let List {
        paging,
        environment,
        environments,
    } = list;
    let create = move || {
        let href = paths::within(&create(workspace_id), environment);
        may_create.then(|| {
            view! {
                <LinkButton kind=ButtonKind::Primary glyph=Glyph::Plus href=href label=new />
            }
        })
    };
    let rows = if !page.items.is_empty() {
        let several = E::Query::IN_ENVIRONMENTS && grants.show_environments();
        (listing.rows)(&page.items, several && environment.is_none())
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
    let query = E::Query::new(paging.query(), environment);
    let address = (listing.kind.list)(workspace_id);
    view! {
        <div class="page">
            <PageHeader title=many actions=create />
            <EnvironmentSwitch
                page=address
                environments=environments
                current=environment
                all=true
            />
            {rows}
            <Pages paging=paging next=page.next_cursor total=page.total />
            <ApiCall endpoint=listing.endpoint path=(listing.path)(workspace_id) query=query />
        </div>
    }
}
