//! What whoever renders a page provides as context.

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use models::client::Transport;
use serde::{Deserialize, Serialize};

/// The answer to a call, or a sentence for people when there was none at all.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

/// Carries the page's calls to the API, in the name of the person who asked for the page.
///
/// The server calls its own router; the browser fetches, and adds the session's cookie by itself.
#[derive(Clone)]
pub struct Api(Arc<dyn Fn(Request<Bytes>) -> Answering + Send + Sync>);

impl Api {
    /// Calls are carried by this function.
    pub fn new(send: impl Fn(Request<Bytes>) -> Answering + Send + Sync + 'static) -> Self {
        Self(Arc::new(send))
    }
}

impl Transport for Api {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, String>> {
        (self.0)(request)
    }
}

/// Sets the HTTP status of the page; only on the server.
#[derive(Clone)]
pub struct ResponseStatus(Arc<dyn Fn(u16) + Send + Sync>);

impl ResponseStatus {
    /// The status is set by this function.
    pub fn new(set: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }

    pub(crate) fn set(&self, status: u16) {
        (self.0)(status);
    }
}

/// Answers with a redirect to a path of this site instead of the page; only on the server.
#[derive(Clone)]
pub struct ResponseRedirect(Arc<dyn Fn(&str) + Send + Sync>);

impl ResponseRedirect {
    /// The redirect is made by this function.
    pub fn new(to: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(to))
    }

    pub(crate) fn to(&self, path: &str) {
        (self.0)(path);
    }
}

/// Where people and runners reach the server, for example `https://berth.example.org`; only on
/// the server. Commands that people copy begin with it.
#[derive(Clone, Debug)]
pub struct PublicUrl(pub String);

/// What an endpoint answered to a form that has no page to go to on success, for the page that
/// shows it: a new token is in no URL and in no session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// The endpoint's name.
    pub endpoint: String,
    /// Its answer.
    pub answer: serde_json::Value,
}
