//! Rendering of pages, whose data comes from the API.

use std::sync::Arc;

use api::{app::App, error::wait_header, http::PageRateCheck};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::Response,
};
use bytes::Bytes;
use frontend::{Answering, Api, FormAnswer, PublicUrl, ResponseRedirect, ResponseStatus, shell};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use models::form::FormOutcome;
use tower::ServiceExt;

use super::Visitor;

/// Renders pages; cheap to clone.
#[derive(Clone)]
pub(super) struct Renderer {
    app: App,
    api: Router,
    options: Arc<LeptosOptions>,
    policy: ContentPolicy,
}

/// The result of a form, for the page that is shown after it.
#[derive(Clone, Debug)]
pub(super) enum AfterForm {
    /// The form was rejected.
    Outcome(FormOutcome),
    /// The form's answer must be shown.
    Answer(FormAnswer),
}

impl Renderer {
    /// `reloader` is the port of the socket that reloads pages in development.
    pub(super) fn new(
        app: &App,
        api: Router,
        options: LeptosOptions,
        reloader: Option<u32>,
    ) -> Self {
        Self {
            app: app.clone(),
            api,
            options: Arc::new(options),
            policy: ContentPolicy { reloader },
        }
    }

    /// Answers a request for a page.
    pub(super) async fn page(&self, request: Request) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return response;
        }
        let visitor = Visitor::of(&self.app, &request);
        let mut response = self.render(request, visitor, None).await;
        // A page that reports too many requests reloads by itself, with or without scripts.
        if let Some(wait) = response.headers().get(header::RETRY_AFTER).cloned() {
            response.headers_mut().insert(header::REFRESH, wait);
        }
        response
    }

    /// Renders the page that a request names, with the result of a form.
    pub(super) async fn render(
        &self,
        request: Request,
        visitor: Visitor,
        after: Option<AfterForm>,
    ) -> Response {
        let rate_check = PageRateCheck::default();
        let calls = self.calls(visitor, rate_check.clone());
        let public_url = self.app.public_origin.clone();
        let policy = self.policy;
        let context = move || {
            provide_context(calls.clone());
            provide_context(PublicUrl(public_url.clone()));
            match after.clone() {
                Some(AfterForm::Outcome(outcome)) => provide_context(outcome),
                Some(AfterForm::Answer(answer)) => provide_context(answer),
                None => {}
            }
            let response = expect_context::<ResponseOptions>();
            set_headers(&response, policy);
            let status = response.clone();
            provide_context(ResponseStatus::new(move |code| {
                if let Ok(code) = StatusCode::from_u16(code) {
                    status.set_status(code);
                }
            }));
            provide_context(ResponseRedirect::new(move |path| {
                if let (true, Ok(path)) =
                    (models::form::is_local(path), HeaderValue::from_str(path))
                {
                    response.set_status(StatusCode::SEE_OTHER);
                    response.insert_header(header::LOCATION, path);
                }
            }));
        };
        let options = (*self.options).clone();
        let render =
            leptos_axum::render_app_async_with_context(context, move || shell(options.clone()));
        let mut response = render(request).await;
        if let Some(wait) = rate_check.retry_after() {
            let wait = wait_header(wait);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }

    /// Calls the API as a visitor, directly through its router.
    pub(super) async fn call(
        &self,
        call: http::Request<Bytes>,
        visitor: &Visitor,
    ) -> http::Response<Bytes> {
        let mut call = call.map(Body::from);
        visitor.sign(&mut call);
        let Ok(response) = self.api.clone().oneshot(call).await;
        let (parts, body) = response.into_parts();
        // Our own answers are already whole in memory, so reading one cannot fail half-way.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        http::Response::from_parts(parts, body)
    }

    /// The client with which a page calls the API.
    fn calls(&self, visitor: Visitor, rate_check: PageRateCheck) -> Api {
        let renderer = self.clone();
        Api::new(move |mut call: http::Request<Bytes>| -> Answering {
            call.extensions_mut().insert(rate_check.clone());
            let (renderer, visitor) = (renderer.clone(), visitor.clone());
            Box::pin(async move { Ok(renderer.call(call, &visitor).await) })
        })
    }
}

/// The content security policy: our own files, and scripts with the nonce.
#[derive(Clone, Copy, Debug)]
struct ContentPolicy {
    /// In development also the reload socket, on its own port.
    reloader: Option<u32>,
}

impl ContentPolicy {
    fn with_nonce(self, nonce: &str) -> String {
        let reloader = self.reloader;
        let reloader = reloader.map_or_else(String::new, |port| format!(" ws://*:{port}"));
        format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
             style-src 'self'; img-src 'self' data:; font-src 'self'; \
             connect-src 'self'{reloader}; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        )
    }
}

fn set_headers(response: &ResponseOptions, policy: ContentPolicy) {
    let nonce = use_nonce()
        .map(|nonce| nonce.to_string())
        .unwrap_or_default();
    let policy = policy.with_nonce(&nonce);
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    // A page belongs to one person at one moment.
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.insert_header(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
}
