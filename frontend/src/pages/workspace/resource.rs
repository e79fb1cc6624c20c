//! The pages that every kind of thing of a workspace has: a list, a form for a new one, and one thing.
//!
//! Each kind says in data what its pages are called and which endpoint they read; the rest is the
//! same for all.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;

use leptos::prelude::*;
use models::{WorkspaceId, rbac::Permission};

/// What a kind of thing is called, and where its pages are.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// Many of them, for example `Secrets`.
    pub(crate) many: &'static str,
    /// The address of their list.
    pub(crate) list: fn(WorkspaceId) -> String,
    /// A new one, for example `New secret`.
    pub(crate) new: &'static str,
    /// The address of the page that makes one.
    pub(crate) create: fn(WorkspaceId) -> String,
    /// What it takes to make one.
    pub(crate) permission: Permission,
}

impl Kind {
    /// The way up from a page of one thing.
    fn above(&self, workspace_id: WorkspaceId) -> (String, String) {
        (self.many.to_owned(), (self.list)(workspace_id))
    }
}

/// Who uses a thing: a list of links, or that nobody does.
#[component]
pub(crate) fn Users(
    /// One entry of the list for each.
    users: Vec<AnyView>,
) -> impl IntoView {
    if users.is_empty() {
        return view! { <span class="soft">"nothing"</span> }.into_any();
    }
    let users = users.into_iter().map(|user| view! { <li>{user}</li> });
    view! { <ul class="stack-tight">{users.collect_view()}</ul> }.into_any()
}
