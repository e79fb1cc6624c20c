//! The dashboard.
//!
//! The server renders every page in full: each is complete without scripts, and every form is
//! plain HTML. In the browser, a page becomes live in two ways:
//!
//! * A *region* shows something that changes. Its stream announces the change; then the page is
//!   fetched again and the region is morphed, element by element.
//! * An *island* is a component that the browser hydrates, for anything that needs more: a log that
//!   follows new lines, a form that grows.
//!
//! Only islands and the code that updates regions are in the WebAssembly, so that it stays
//! small however many pages there are.
//!
//! On the server, all data comes through [`models::client`], over the [`Api`] that the renderer
//! of the page provides as context.

#![expect(
    unreachable_pub,
    reason = "the component macro makes what it writes public"
)]

mod browser;
mod islands;
mod live;

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod api_call;
#[cfg(feature = "ssr")]
mod app;
#[cfg(feature = "ssr")]
mod client;
#[cfg(feature = "ssr")]
mod clock;
#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "ssr")]
mod form;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod paging;
#[cfg(feature = "ssr")]
mod paths;
#[cfg(feature = "ssr")]
mod region;
#[cfg(feature = "ssr")]
mod sections;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use app::App;
#[cfg(feature = "ssr")]
pub use context::{Answering, Api, FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus};
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Makes the page live; the page's script hydrates each island afterwards.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    browser::show_own_address();
    browser::prevent_double_submit();
    live::start();
}
