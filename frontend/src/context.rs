//! What whoever renders a page provides as context.

mod response;

use std::{pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use models::client::Transport;

pub(crate) use response::SiteFiles;
pub use response::{FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus};

/// The answer to a call, or a sentence for people when there was none at all.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response<Bytes>, String>> + Send>>;

/// Carries the page's calls to the API, in the name of the person who asked for the page.
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
