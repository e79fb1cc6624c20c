//! The dashboard: its pages, its forms, and the files that browsers load.

mod files;
mod forms;
mod page;

use api::{
    app::App,
    client::ClientAddress,
    error::retry_after,
    http::{FormEndpoint, client_address},
};
use axum::{Router, extract::Request, middleware::map_response, response::Response, routing::post};
use frontend::App as Pages;
use http::{HeaderMap, StatusCode, Uri, header::RETRY_AFTER};
use leptos::config::LeptosOptions;
use models::error::ErrorCode;

use self::page::Renderer;

/// The router of the dashboard, whose pages and forms call the API through `api`.
pub fn router(app: &App, api: Router, forms: Vec<FormEndpoint>) -> Router {
    // The list itself is not needed: one handler renders every page, including unknown
    // addresses. Making it prepares the executor that rendering runs on.
    let _ = leptos_axum::generate_route_list(Pages);
    let files = files::Site::load();
    let reloader = reloader();
    let renderer = Renderer::new(app, api, options(&files, reloader), reloader);
    let forms = forms::Forms::new(app.clone(), renderer.clone(), forms);
    Router::new()
        .route(&format!("{}/{{name}}", files.prefix()), files.handler())
        .route("/icon.svg", files::icon())
        .route(
            "/form/{endpoint}",
            post(async move |request: Request| forms.submit(request).await),
        )
        .fallback(async move |request: Request| renderer.page(request).await)
        .layer(map_response(async |response| {
            say_when_to_try_again(response)
        }))
}

/// Gives a page the same retry hint as an answer of the API.
fn say_when_to_try_again(mut response: Response) -> Response {
    if response.status() == StatusCode::SERVICE_UNAVAILABLE
        && let Some(seconds) = retry_after(ErrorCode::ServiceUnavailable)
    {
        let headers = response.headers_mut();
        headers.entry(RETRY_AFTER).or_insert(seconds.into());
    }
    response
}

fn options(files: &files::Site, reloader: Option<u32>) -> LeptosOptions {
    let options = LeptosOptions::builder()
        .output_name("berth")
        .site_pkg_dir(files.prefix().trim_start_matches('/'));
    match reloader {
        Some(port) => options.reload_port(port).build(),
        None => options.build(),
    }
}

/// The reload socket of `cargo leptos watch`, if the server was started by it.
#[expect(
    clippy::disallowed_methods,
    reason = "no setting of the server: cargo-leptos speaks through these variables"
)]
fn reloader() -> Option<u32> {
    std::env::var_os("LEPTOS_WATCH")?;
    std::env::var("LEPTOS_RELOAD_PORT").ok()?.parse().ok()
}

/// The parts of a visitor's request that calls of its page or form carry.
#[derive(Clone, Debug)]
struct Visitor {
    headers: HeaderMap,
    address: ClientAddress,
}

impl Visitor {
    fn of(app: &App, request: &Request) -> Self {
        let address = client_address(request.extensions(), request.headers(), |peer| {
            app.config.server.trusts(peer)
        });
        let mut headers = HeaderMap::new();
        for name in [http::header::COOKIE, http::header::USER_AGENT] {
            if let Some(value) = request.headers().get(&name) {
                headers.insert(name, value.clone());
            }
        }
        Self { headers, address }
    }

    /// Signs a call as the visitor, as a call from one of our own pages.
    fn sign(&self, call: &mut http::Request<axum::body::Body>) {
        for (name, value) in &self.headers {
            call.headers_mut().insert(name, value.clone());
        }
        call.headers_mut().insert(
            "sec-fetch-site",
            http::HeaderValue::from_static("same-origin"),
        );
        call.extensions_mut().insert(self.address);
    }
}

/// A page's path and query as a URI; `None` if it leaves this site.
fn local_uri(path: &str) -> Option<Uri> {
    models::form::is_local(path)
        .then(|| path.parse().ok())
        .flatten()
}

/// The response that redirects a browser after a form.
fn see_other(path: &str) -> Response {
    let mut response = Response::new(axum::body::Body::empty());
    *response.status_mut() = http::StatusCode::SEE_OTHER;
    let location = http::HeaderValue::from_str(path);
    let location = location.unwrap_or(http::HeaderValue::from_static("/"));
    response
        .headers_mut()
        .insert(http::header::LOCATION, location);
    response
}
