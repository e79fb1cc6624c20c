//! The traits of endpoints.
//!
//! Each endpoint is declared once. The server, all clients, the OpenAPI document and the tests are
//! derived from that declaration.

use std::{fmt::Debug, marker::PhantomData};

use garde::Validate;
use http::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::ErrorCode, name_or_id::ResourceKind, rbac::Permission};

/// The message of a stream without any other for [`HEARTBEAT_INTERVAL_MS`].
///
/// It proves only that the connection still works.
pub const HEARTBEAT: &str = r#"{"type":"heartbeat"}"#;

/// The longest silence of a stream that people follow, in milliseconds.
///
/// A client that receives nothing for three times as long may treat the connection as dead.
pub const HEARTBEAT_INTERVAL_MS: u32 = 15_000;

/// A typed HTTP endpoint, declared with [`macros::declare_api_endpoint!`].
pub trait ApiEndpoint: Send + Sync + Sized + 'static {
    /// The endpoint's properties other than its types.
    const INFO: EndpointInfo;
    /// The fields of the path, with ids.
    type Path: Wire + PathOf<Self>;
    /// The fields of the path as a request has them, each an id or a name.
    type NamedPath: Serialize + DeserializeOwned + PathOf<Self> + Schema + Send + Sync + 'static;
    /// The fields of the query.
    type Query: Wire;
    /// The body of the request.
    type Request: Wire;
    /// The body of the response.
    type Response: Serialize + DeserializeOwned + Schema + Clone + Debug + Send + Sync + 'static;
    /// The kind of caller, as a type. A client without a matching credential does not compile.
    type Caller: Caller;
}

/// A typed WebSocket stream, declared with [`macros::declare_stream_endpoint!`].
pub trait StreamEndpoint: Send + Sync + Sized + 'static {
    /// The endpoint's properties other than its types.
    const INFO: EndpointInfo;
    /// The fields of the path, with ids.
    type Path: Wire + PathOf<Self>;
    /// The fields of the path as a request has them, each an id or a name.
    type NamedPath: Serialize + DeserializeOwned + PathOf<Self> + Schema + Send + Sync + 'static;
    /// The fields of the query.
    type Query: Wire;
    /// A message from the client.
    type ClientMessage: Serialize
        + DeserializeOwned
        + Schema
        + Clone
        + Debug
        + Send
        + Sync
        + 'static;
    /// A message from the server.
    type ServerMessage: Serialize
        + DeserializeOwned
        + Schema
        + Clone
        + Debug
        + Send
        + Sync
        + 'static;
    /// The kind of caller, as a type.
    type Caller: Caller;
}

/// Types that can be a path, a query or the body of a request.
pub trait Wire:
    Serialize
    + DeserializeOwned
    + Validate<Context = ()>
    + Schema
    + Clone
    + Debug
    + Send
    + Sync
    + 'static
{
}

impl<T> Wire for T where
    T: Serialize
        + DeserializeOwned
        + Validate<Context = ()>
        + Schema
        + Clone
        + Debug
        + Send
        + Sync
        + 'static
{
}

/// Types with a JSON Schema, where those are compiled in.
#[cfg(feature = "schema")]
pub trait Schema: schemars::JsonSchema {}
#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> Schema for T {}

/// Types with a JSON Schema, where those are compiled in.
#[cfg(not(feature = "schema"))]
pub trait Schema {}
#[cfg(not(feature = "schema"))]
impl<T> Schema for T {}

/// The path fields of an endpoint: its `Path` or its `NamedPath`.
pub trait PathOf<E>: Serialize {}

/// A walk over all endpoints with their types; [`crate::api::visit`] begins it.
pub trait EndpointVisitor {
    /// Visits an endpoint.
    fn endpoint<E: ApiEndpoint>(&mut self);
    /// Visits a stream.
    fn stream<S: StreamEndpoint>(&mut self);
}

/// The properties of an endpoint other than its types. The registry consists of these.
#[derive(Clone, Debug)]
pub struct EndpointInfo {
    /// The endpoint's name, for example `CreateDeployment`.
    pub name: &'static str,
    /// The endpoint's documentation; its first line is a title.
    pub doc: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path below `/api/v1`, with its fields in braces.
    pub path: &'static str,
    /// The fields of the path, each with its kind of resource if it has names.
    pub path_fields: &'static [(&'static str, Option<ResourceKind>)],
    /// The callers that may use it.
    pub access: Access,
    /// The rate limit for each caller.
    pub rate: RateClass,
    /// The action in the audit log; `None` for endpoints that change nothing.
    pub audit: Option<&'static str>,
    /// The status of a successful response.
    pub success: StatusCode,
    /// The error codes that this endpoint may return, besides [`Self::errors`].
    pub declared_errors: &'static [ErrorCode],
    /// True if it is a list with pages.
    pub paginated: bool,
    /// True if it is a WebSocket stream.
    pub stream: bool,
    /// True if the response is plain text instead of JSON.
    pub text: bool,
}

impl EndpointInfo {
    /// Returns all error codes that a caller can get, sorted.
    ///
    /// They include those that follow from the declaration.
    pub fn errors(&self) -> Vec<ErrorCode> {
        let mut codes = self.declared_errors.to_vec();
        codes.extend([
            ErrorCode::DatabaseUnavailable,
            ErrorCode::Internal,
            ErrorCode::MalformedRequest,
            ErrorCode::RateLimited,
            ErrorCode::RequestTimeout,
            ErrorCode::ServiceUnavailable,
            ErrorCode::StorageFull,
            ErrorCode::ValidationFailed,
        ]);
        if self.method != Method::GET {
            codes.extend([ErrorCode::BodyTooLarge, ErrorCode::CrossSiteRequest]);
        }
        if self.stream {
            codes.push(ErrorCode::CrossSiteRequest);
        }
        if self.paginated {
            codes.push(ErrorCode::CursorInvalid);
        }
        match self.access {
            Access::Public => {}
            Access::SignedIn | Access::Runner => codes.push(ErrorCode::Unauthenticated),
            Access::Permission { .. } => codes.extend([
                ErrorCode::Unauthenticated,
                ErrorCode::NotFound,
                ErrorCode::PermissionDenied,
            ]),
        }
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// The callers that may use an endpoint. The check runs before the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Anyone who is signed in.
    SignedIn,
    /// Members of a workspace who have a permission on a scope in it.
    Permission {
        /// The required permission.
        permission: Permission,
        /// The field of the path that names the scope.
        on: &'static str,
    },
    /// A runner with its token.
    Runner,
}

/// The rate limit of an endpoint for each caller. The server's configuration sets the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RateClass {
    /// Endpoints that check a one-time token or code. Few calls, because guessing must be slow.
    Credentials,
    /// Endpoints that only read.
    Reads,
    /// Endpoints that check a password. Few calls, counted by browser, by address and by
    /// account.
    SignIn,
    /// Endpoints that change something.
    Writes,
}

/// The kinds of caller, as types.
pub trait Caller: Send + Sync + 'static {}

/// A caller without a credential.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

/// A person who is signed in.
#[derive(Clone, Copy, Debug)]
pub struct Person;

/// A person with a permission on a scope, such as a workspace.
///
/// `S` is the type of the path field that names the scope. The server knows which types can.
#[derive(Clone, Copy, Debug)]
pub struct Granted<S>(PhantomData<fn() -> S>);

/// A runner with its token.
#[derive(Clone, Copy, Debug)]
pub struct RunnerProcess;

impl Caller for Anyone {}
impl Caller for Person {}
impl<S: 'static> Caller for Granted<S> {}
impl Caller for RunnerProcess {}

/// The response of an endpoint that returns plain text.
///
/// It is empty, because such a response is read as a stream and is never in memory as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {}

/// The path, query or request of an endpoint that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Empty {}
