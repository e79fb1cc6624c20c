//! Pages shared by all kinds of resources: list, form, details.
//!
//! Each kind declares the names of its pages and the endpoint they read; the rest is shared.

pub(crate) mod create;
pub(crate) mod get;
pub(crate) mod list;

use leptos::prelude::*;
use models::{WorkspaceId, rbac::Permission};

/// Names and page addresses of one kind of resource.
#[derive(Clone, Copy)]
pub(crate) struct ResourceKind {
    /// Plural, for example `Secrets`.
    pub(crate) many: &'static str,
    /// Address of the list.
    pub(crate) list: fn(WorkspaceId) -> String,
    /// Title of the form, for example `New secret`.
    pub(crate) new: &'static str,
    /// Address of the form.
    pub(crate) create: fn(WorkspaceId) -> String,
    /// Permission required to create one.
    pub(crate) permission: Permission,
}

impl ResourceKind {
    /// Returns the link from a resource's page to the list.
    fn above(&self, workspace_id: WorkspaceId) -> (String, String) {
        (self.many.to_owned(), (self.list)(workspace_id))
    }
}

/// The deployments that use a resource, or a note that there are none.
#[component]
pub(crate) fn Users(
    /// One list entry per deployment.
    users: Vec<AnyView>,
) -> impl IntoView {
    if users.is_empty() {
        return view! { <span class="soft">"nothing"</span> }.into_any();
    }
    let users = users.into_iter().map(|user| view! { <li>{user}</li> });
    view! { <ul class="stack-tight">{users.collect_view()}</ul> }.into_any()
}
