//! Context values that only the server provides.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Setter of the page's HTTP status.
#[derive(Clone)]
pub struct ResponseStatus(Arc<dyn Fn(u16) + Send + Sync>);

impl ResponseStatus {
    /// Creates it from a function that sets the status.
    pub fn new(set: impl Fn(u16) + Send + Sync + 'static) -> Self {
        Self(Arc::new(set))
    }

    pub(crate) fn set(&self, status: u16) {
        (self.0)(status);
    }
}

/// A redirect to a path of this site, instead of the page.
#[derive(Clone)]
pub struct ResponseRedirect(Arc<dyn Fn(&str) + Send + Sync>);

impl ResponseRedirect {
    /// Creates it from a function that redirects.
    pub fn new(to: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(to))
    }

    pub(crate) fn to(&self, path: &str) {
        (self.0)(path);
    }
}

/// Address of the server, for example `https://berth.example.org`.
///
/// People and runners reach the server there. Only present on the server. Commands that people
/// copy begin with it.
#[derive(Clone, Debug)]
pub struct PublicUrl(pub String);

/// Response of an endpoint to a form without a success page.
///
/// The page shows it: a new token must be in no URL and in no session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormAnswer {
    /// The endpoint's name.
    pub endpoint: String,
    /// The response.
    pub answer: serde_json::Value,
}

/// Path of the site's files, without a trailing slash.
#[derive(Clone, Debug)]
pub(crate) struct SiteFiles(pub(crate) String);
