//! The dashboard.
//!
//! Every page is complete as HTML from the server, and every form works as plain HTML; in the
//! browser the same code takes over and keeps the page live. All data comes through
//! [`models::client`]: what differs between the server and the browser is the [`Api`] that carries
//! the calls, which whoever renders the page provides as context.

#![expect(
    unreachable_pub,
    reason = "the component macro makes what it writes public"
)]

mod account;
mod api_call;
mod app;
mod browser;
mod client;
mod context;
mod form;
mod frame;
mod handover;
mod live;
mod load;
mod pages;
mod paths;
mod shell;

#[cfg(feature = "hydrate")]
mod fetch;

pub use app::App;
pub use context::{Answering, Api, FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus};
#[cfg(feature = "ssr")]
pub use shell::shell;

/// Takes the page over in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_body(|| {
        leptos::context::provide_context(fetch::api());
        leptos::prelude::view! { <App /> }
    });
}
