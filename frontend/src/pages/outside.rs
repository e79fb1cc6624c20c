//! Pages that the browser does not take over: it loads them anew, and WebAssembly leaves their
//! code out.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{browser, paths};

/// Leaves the application for the page of the same address.
#[component]
pub(crate) fn Outside() -> impl IntoView {
    browser::leave_for(&paths::of(&use_location()));
}
