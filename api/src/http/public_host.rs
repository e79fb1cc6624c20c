//! Host check: the dashboard exists only under the public URL's host.
//!
//! Under another name of the server, people would get a session whose cookie that name's apps
//! receive, and pages of other sites could pass for Berth's own (DNS rebinding). Runners and
//! probes may use any name, because they have no cookies.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use models::{
    api::{ALL, PREFIX},
    endpoint::{Access, EndpointInfo},
    error::ErrorCode,
};

use crate::client::ClientAddress;
use crate::{app::App, error::AppError};

/// Paths of probes, served under any host name.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];
/// Headers in which proxies name the original client.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];
/// Session cookie without TLS; it is void under TLS.
const PLAIN_COOKIE: &str = "berth";
/// Header value that removes this cookie.
const NO_PLAIN_COOKIE: HeaderValue = HeaderValue::from_static("berth=; Path=/; Max-Age=0");

/// Marks a request for another host.
#[derive(Clone, Copy)]
struct Misdirected;

/// Serves everything under the public host, and only cookie-free paths elsewhere.
pub async fn public_host_only(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|info| info.0.ip());
    let is_proxy = peer.is_some_and(|peer| app.config.server.trusts(peer));
    if let Some(peer) = peer.filter(|_| !is_proxy) {
        note_forwarded(&app, peer, request.headers());
    }
    if is_public_host(&app, &request, is_proxy) {
        let is_stale = app.site.is_tls() && has_cookie(request.headers(), PLAIN_COOKIE);
        let mut response = next.run(request).await;
        if is_stale {
            response
                .headers_mut()
                .append(header::SET_COOKIE, NO_PLAIN_COOKIE);
        }
        return response;
    }
    let path = request.uri().path();
    if is_api(path) {
        request.extensions_mut().insert(Misdirected);
    } else if !PROBES.contains(&path) {
        return other_address(&app, &request);
    }
    request.headers_mut().remove(header::COOKIE);
    let mut response = next.run(request).await;
    response.headers_mut().remove(header::SET_COOKIE);
    response
}

/// True if a request names the public host.
///
/// A request without a host does not come from a browser.
fn is_public_host(app: &App, request: &Request, is_proxy: bool) -> bool {
    let named = |name: &str| {
        let values = request.headers().get_all(name).iter();
        let mut values = values.filter_map(|value| value.to_str().ok());
        values.any(|host| app.site.matches_host(host))
    };
    if is_proxy && named("x-forwarded-host") {
        return true;
    }
    match request.uri().authority() {
        Some(authority) => app.site.matches_host(authority.as_str()),
        None => !request.headers().contains_key(header::HOST) || named("host"),
    }
}

/// Refuses API requests for another host, except those of runners.
pub async fn refuse_misdirected(request: Request, next: Next) -> Response {
    let is_misdirected = request.extensions().get::<Misdirected>().is_some();
    if is_misdirected && !is_for_runners(request.uri().path()) {
        return AppError::from(ErrorCode::MisdirectedRequest).into_response();
    }
    next.run(request).await
}

fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// True if an endpoint is for programs that have no cookie.
fn is_for_runners(path: &str) -> bool {
    let is_for_runners = |info: &EndpointInfo| {
        info.access == Access::Runner || (info.stream && info.access == Access::Public)
    };
    path.strip_prefix(PREFIX).is_some_and(|path| {
        let mut endpoints = ALL.iter().filter(|info| info.path == path);
        endpoints.any(is_for_runners)
    })
}

/// Returns a page that links to the dashboard.
///
/// A redirect would loop behind a proxy that changes the host.
fn other_address(app: &App, request: &Request) -> Response {
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    let address = escaped(&format!("{}{path}", app.public_origin));
    let origin = escaped(&app.public_origin);
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Different address</title>\n\
         <h1>Berth has a different address</h1>\n\
         <p>Open <a href=\"{address}\">{origin}</a>.</p>\n\
         <p>If that link leads back here, your reverse proxy changes the <code>Host</code> header. \
         Configure it to pass the header unchanged. If Berth should be available at the address \
         that you opened, set <code>server.public_url</code> to that address.</p>\n</html>\n"
    );
    (StatusCode::MISDIRECTED_REQUEST, Html(page)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// True if a request has a cookie with this name.
pub(super) fn has_cookie(headers: &HeaderMap, name: &str) -> bool {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values.filter_map(|value| value.to_str().ok());
    let mut names = pairs.flat_map(|pairs| pairs.split(';').map(|pair| pair.split('=').next()));
    names.any(|found| found.map(str::trim) == Some(name))
}

/// Counts forwarding headers that would apply if the peer were trusted.
fn note_forwarded(app: &App, peer: std::net::IpAddr, headers: &HeaderMap) {
    if FORWARDED.iter().any(|name| headers.contains_key(*name)) {
        let now = app.clock.now();
        app.log_throttles
            .forwarded_ignored(ClientAddress(peer), now);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};

    use super::{has_cookie, is_for_runners};

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; berth=2".parse().unwrap());
        assert!(has_cookie(&headers, "berth"));
        for value in ["__Host-berth=2", "berth-device=2", "a=berth", ""] {
            headers.insert(header::COOKIE, value.parse().unwrap());
            assert!(!has_cookie(&headers, "berth"), "{value}");
        }
    }

    #[test]
    fn under_other_names_there_are_ways_for_runners_alone() {
        for path in ["/api/v1/runner/link", "/api/v1/runner/registration"] {
            assert!(is_for_runners(path), "{path}");
        }
        for path in [
            "/runner/link",
            "/api/v1/session",
            "/api/v1/setup",
            "/api/v1",
            "/api/v1/",
        ] {
            assert!(!is_for_runners(path), "{path}");
        }
    }
}
