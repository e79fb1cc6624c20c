//! What only the server can provide.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Sets the HTTP status of the page.
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

/// Answers with a redirect to a path of this site instead of the page.
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

/// Where the files of the site are: a path without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct SiteFiles(pub(crate) String);
