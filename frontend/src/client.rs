//! The API client, acting as the person who views the page.

use leptos::prelude::use_context;
use models::client::{Client, Session};

use crate::context::Api;

/// Type of the page's API client.
pub(crate) type PageClient = Client<Api, Session>;

/// Returns the page's API client.
///
/// Call it only within a component: it takes the API from the context. Without a page, as when
/// the server lists its routes, every request fails.
pub(crate) fn use_client() -> PageClient {
    let api = use_context::<Api>().unwrap_or_else(|| {
        Api::new(|_| Box::pin(async { Err("There is no server to ask.".to_owned()) }))
    });
    // The transport adds the session cookie.
    Client::new(api, Session::default())
}
