//! The client of the API, for browsers, the server's own pages, tests and programs.
//!
//! They differ only in their [`Transport`].

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{
    api::PREFIX,
    endpoint::{
        Anyone, ApiEndpoint, Caller, Granted, PathOf, Person, RunnerProcess, StreamEndpoint,
    },
    error::{ApiError, ErrorCode},
};

/// Characters to escape in a path segment: all but "unreserved" (RFC 3986 §2.3).
pub(crate) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Sends a request to the server and returns its response.
pub trait Transport {
    /// Sends one request, whose URI is a path with a query.
    ///
    /// # Errors
    /// A message for people if there was no response at all.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<Bytes>, String>>;
}

/// Authenticates the caller.
pub trait Credential {
    /// Adds the credential to the headers of the request.
    fn apply(&self, headers: &mut HeaderMap);
}

/// A credential that is valid for a kind of caller.
#[diagnostic::on_unimplemented(
    message = "this client's credential `{Self}` cannot call an endpoint for `{C}`"
)]
pub trait Satisfies<C: Caller>: Credential {}

/// No credential.
#[derive(Clone, Copy, Debug)]
pub struct Anonymous;

/// A person's session. In the browser the transport adds the cookie by itself.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The `Cookie` header, for transports that do not add it.
    pub cookie: Option<HeaderValue>,
}

/// An API token, which acts for a person in one workspace.
#[derive(Clone, Debug)]
pub struct ApiToken(pub crate::value::SecretText);

/// A runner's token.
#[derive(Clone, Debug)]
pub struct RunnerToken(pub crate::value::SecretText);

impl Credential for Anonymous {
    fn apply(&self, _: &mut HeaderMap) {}
}

impl Credential for Session {
    fn apply(&self, headers: &mut HeaderMap) {
        if let Some(cookie) = &self.cookie {
            headers.insert(header::COOKIE, cookie.clone());
        }
    }
}

impl Credential for ApiToken {
    fn apply(&self, headers: &mut HeaderMap) {
        insert_bearer(headers, self.0.expose());
    }
}

impl Credential for RunnerToken {
    fn apply(&self, headers: &mut HeaderMap) {
        insert_bearer(headers, self.0.expose());
    }
}

/// Adds a bearer token (RFC 6750).
fn insert_bearer(headers: &mut HeaderMap, token: &str) {
    if let Ok(mut value) = HeaderValue::try_from(format!("Bearer {token}")) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
}

impl<C: Credential> Satisfies<Anyone> for C {}
impl Satisfies<Person> for Session {}
impl<S: 'static> Satisfies<Granted<S>> for Session {}
impl<S: 'static> Satisfies<Granted<S>> for ApiToken {}
impl Satisfies<RunnerProcess> for RunnerToken {}

/// Calls endpoints over a transport with a credential.
#[derive(Clone, Debug)]
pub struct Client<T, C> {
    transport: T,
    credential: C,
}

impl<T: Transport, C: Credential> Client<T, C> {
    /// Creates a client with this transport and this credential.
    pub fn new(transport: T, credential: C) -> Self {
        Self {
            transport,
            credential,
        }
    }

    /// Calls an endpoint. The path may name resources by their ids or by their names.
    ///
    /// # Errors
    /// The error of the response, or [`ErrorCode::ServerUnreachable`] if there was no response.
    pub async fn call<E: ApiEndpoint>(
        &self,
        path: &impl PathOf<E>,
        query: &E::Query,
        request: &E::Request,
    ) -> Result<E::Response, ApiError>
    where
        C: Satisfies<E::Caller>,
    {
        let mut message = Request::new(Bytes::new());
        *message.method_mut() = E::INFO.method;
        *message.uri_mut() = url::<E>(path, query)?
            .parse()
            .map_err(|_| ErrorCode::MalformedRequest)?;
        self.credential.apply(message.headers_mut());
        if std::mem::size_of::<E::Request>() > 0 {
            let body = serde_json::to_vec(request).map_err(|_| ErrorCode::MalformedRequest)?;
            *message.body_mut() = body.into();
            message.headers_mut().insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
        }
        let answer =
            self.transport.send(message).await.map_err(|reason| {
                ApiError::new(ErrorCode::ServerUnreachable).with_message(reason)
            })?;
        read_answer(&answer)
    }
}

/// Reads a response as its endpoint declares it.
///
/// # Errors
/// The error in the response, or [`ErrorCode::Internal`] if it does not match the declaration.
pub fn read_answer<R: serde::de::DeserializeOwned>(
    answer: &Response<Bytes>,
) -> Result<R, ApiError> {
    let unreadable = |_| {
        ApiError::new(ErrorCode::Internal).with_message(format!(
            "The server's response ({}) could not be read. Try again.",
            answer.status()
        ))
    };
    if answer.status() == StatusCode::NO_CONTENT {
        return serde_json::from_str("{}").map_err(unreadable);
    }
    // As text instead of bytes: the browser reads everything else as text too, and a second
    // code path for each type would make the download larger.
    let body = std::str::from_utf8(answer.body()).unwrap_or_default();
    if answer.status().is_success() {
        return serde_json::from_str(body).map_err(unreadable);
    }
    Err(serde_json::from_str(body).unwrap_or_else(unreadable))
}

/// Returns the path and query of an endpoint's URL, including the prefix.
///
/// # Errors
/// [`ErrorCode::MalformedRequest`] if a value cannot be part of a URL.
pub fn url<E: ApiEndpoint>(path: &impl PathOf<E>, query: &E::Query) -> Result<String, ErrorCode> {
    fill(E::INFO.path, path, query)
}

/// Returns the path and query of a stream's URL, including the prefix.
///
/// # Errors
/// [`ErrorCode::MalformedRequest`] if a value cannot be part of a URL.
pub fn stream_url<E: StreamEndpoint>(
    path: &impl PathOf<E>,
    query: &E::Query,
) -> Result<String, ErrorCode> {
    fill(E::INFO.path, path, query)
}

fn fill(
    template: &str,
    path: &impl Serialize,
    query: &impl Serialize,
) -> Result<String, ErrorCode> {
    let fields = serde_json::to_value(path).map_err(|_| ErrorCode::MalformedRequest)?;
    let mut url = String::from(PREFIX);
    for segment in template.split('/').skip(1) {
        url.push('/');
        match segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => {
                let value = fields.get(name).ok_or(ErrorCode::MalformedRequest)?;
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                url.extend(utf8_percent_encode(&text, SEGMENT));
            }
            None => url.push_str(segment),
        }
    }
    let query = serde_qs::to_string(query).map_err(|_| ErrorCode::MalformedRequest)?;
    if !query.is_empty() {
        url.push('?');
        url.push_str(&query);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::url;
    use crate::{
        DeploymentId, WorkspaceId,
        api::workspace::deployment::{
            ListLogLines, ListLogLinesNamedPath, ListLogLinesPath, ListLogLinesQuery,
        },
        name_or_id::NameOrId,
    };

    #[test]
    fn a_url_carries_the_path_and_only_the_given_query() {
        let path = ListLogLinesPath {
            workspace_id: WorkspaceId::from_uuid(Uuid::from_u128(1)),
            deployment_id: DeploymentId::from_uuid(Uuid::from_u128(2)),
        };
        let query = ListLogLinesQuery {
            before: None,
            after: Some(7),
            from: None,
            to: None,
            instance_id: None,
            stream: None,
            search: None,
            limit: None,
        };
        let by_name = ListLogLinesNamedPath {
            workspace_id: NameOrId::Id(path.workspace_id),
            deployment_id: NameOrId::parse("web").unwrap(),
        };
        assert_eq!(
            url::<ListLogLines>(&by_name, &query).unwrap(),
            "/api/v1/workspace/00000000-0000-0000-0000-000000000001/deployment/web/log?after=7",
        );
        assert_eq!(
            url::<ListLogLines>(&path, &query).unwrap(),
            "/api/v1/workspace/00000000-0000-0000-0000-000000000001/deployment/00000000-0000-0000-0000-000000000002/log?after=7",
        );
    }
}
