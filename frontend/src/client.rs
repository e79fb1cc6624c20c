//! Calls to the API in the name of the person who looks at the page.

use leptos::prelude::use_context;
use models::client::{Client, Session};

use crate::context::Api;

/// The client of this page.
pub(crate) type PageClient = Client<Api, Session>;

/// The client of this page. Only within a component: the API comes from the context.
///
/// Where no page is rendered, as when the server lists its routes, every call fails.
pub(crate) fn use_client() -> PageClient {
    let api = use_context::<Api>().unwrap_or_else(|| {
        Api::new(|_| Box::pin(async { Err("There is no server to ask.".to_owned()) }))
    });
    // The transport adds the session's cookie itself.
    Client::new(api, Session::default())
}
