//! Context values that the renderer of a page provides.

mod response;

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use models::client::Transport;

pub(crate) use response::SiteFiles;
pub use response::{FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus};

/// The response to a request, or a message for people if there was none.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

/// Transport of API requests, as the person who requested the page.
#[derive(Clone)]
pub struct Api(Arc<dyn Fn(Request<Bytes>) -> Answering + Send + Sync>);

impl Api {
    /// Creates a transport from a function that sends requests.
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
