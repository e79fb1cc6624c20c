//! Pages that the browser does not take over: it loads them anew, and WebAssembly leaves their
//! code out.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::browser;

/// Leaves the application for the page of the same address.
#[component]
pub(crate) fn Outside() -> impl IntoView {
    let location = use_location();
    let search = location.search.get_untracked();
    let question = if search.is_empty() { "" } else { "?" };
    browser::leave_for(&format!(
        "{}{question}{search}",
        location.pathname.get_untracked()
    ));
}
