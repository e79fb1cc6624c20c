//! The dashboard.
//!
//! The server renders every page whole: each is complete without scripts, and every form is plain
//! HTML. What must be live or needs a script is an island: a component that the browser takes over
//! with the same code. Only islands are in the WebAssembly, so that it stays small however many
//! pages there are.
//!
//! All data comes through [`models::client`]: what differs between the server and the browser is
//! the [`Api`] that carries the calls, which whoever renders the page provides as context.

#![expect(
    unreachable_pub,
    reason = "the component macro makes what it writes public"
)]

mod browser;
mod client;
mod clock;
mod context;
mod form;
mod islands;
mod live;
mod paths;

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod api_call;
#[cfg(feature = "ssr")]
mod app;
#[cfg(feature = "ssr")]
mod frame;
#[cfg(feature = "ssr")]
mod load;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "hydrate")]
mod fetch;

#[cfg(feature = "ssr")]
pub use app::App;
pub use context::{Answering, Api};
#[cfg(feature = "ssr")]
pub use context::{FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus};
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Prepares the page for its islands; the page's script hydrates each of them afterwards.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
    browser::show_own_address();
    browser::send_forms_once();
    leptos::context::provide_context(fetch::api());
    clock::provide_ticking();
}
