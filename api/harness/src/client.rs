//! Callers of the API, with the cookies that they received.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, header},
};
use models::api::PREFIX;
use serde_json::Value;
use tower::ServiceExt;

/// A client of the API: a browser, which keeps cookies, or a program with a token.
#[derive(Clone)]
pub struct Client {
    router: Router,
    cookies: BTreeMap<String, String>,
    token: Option<String>,
}

/// The response to a call.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The body as JSON; null if it is not JSON.
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Client {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            token: None,
        }
    }

    /// A program that sends this token, without a browser's headers.
    pub fn with_token(router: Router, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..Self::new(router)
        }
    }

    /// The same person with the same cookies at another server.
    #[must_use]
    pub fn at(&self, server: &super::TestServer) -> Self {
        Self {
            router: server.router.clone(),
            cookies: self.cookies.clone(),
            token: self.token.clone(),
        }
    }

    /// The `Cookie` header of the next request.
    pub fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// The headers of the next request that say who calls and from where.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let value = format!("Bearer {token}").parse().unwrap();
            headers.insert(header::AUTHORIZATION, value);
            return headers;
        }
        if !self.cookies.is_empty() {
            headers.insert(header::COOKIE, self.cookie().parse().unwrap());
        }
        headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        headers
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Calls an endpoint by its path below the API's prefix.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{PREFIX}{path}"));
        let content = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(content).unwrap()).await
    }

    /// Posts a form as a browser without scripts does.
    pub async fn submit(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = Request::post(format!("/form/{endpoint}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.finish()))
            .unwrap();
        self.send(request).await
    }

    /// Opens a page.
    pub async fn page(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends a request as one of the server's own pages would, or as a program.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        for (name, value) in self.headers() {
            let name = name.unwrap();
            // A test may come from another site, but not with other cookies.
            if name == header::COOKIE || !headers.contains_key(&name) {
                headers.insert(name, value);
            }
        }
        self.send_as_it_is(request).await
    }

    /// Sends a request without a browser's headers.
    pub async fn send_as_it_is(&mut self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}
