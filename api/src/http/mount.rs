//! Mounting of endpoints: a declaration and a handler become a route.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{FromRequestParts, Path, RawQuery, Request},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use garde::Validate;
use http::{StatusCode, request::Parts};
use models::{
    actor::ActorKind,
    endpoint::{ApiEndpoint, EndpointInfo, RateClass, Text, Wire},
    error::{ApiError, ErrorCode},
    request::{self, DecodeError},
};
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

use super::{
    Authenticate, Browser, Ctx, FormEndpoint, PageRateCheck, TextFile, authenticate::Evidence,
    client_address, is_from_own_pages, lookup::resolve_names, rate::RateKey,
};
use crate::{
    actor::Actor,
    app::App,
    audit::{AuditTrail, CallRecord},
    client::ClientAddress,
    error::AppError,
};

/// Builder of the API's router.
#[derive(Debug)]
pub struct Api {
    pub(super) app: App,
    pub(super) router: Router,
    pub(super) mounted: Vec<EndpointInfo>,
    pub(super) forms: Vec<FormEndpoint>,
}

impl Api {
    /// Creates an API without endpoints.
    pub fn new(app: App) -> Self {
        Self {
            app,
            router: Router::new(),
            mounted: Vec::new(),
            forms: Vec::new(),
        }
    }

    /// Returns the router, the mounted endpoints, and their forms.
    pub fn finish(self) -> (Router, Vec<EndpointInfo>, Vec<FormEndpoint>) {
        let router = self
            .router
            .fallback(|| async { AppError::from(ErrorCode::NotFound) })
            .method_not_allowed_fallback(|| async { AppError::from(ErrorCode::MethodNotAllowed) });
        (router, self.mounted, self.forms)
    }
}

/// Mounts an endpoint.
pub fn mount<E, H, F>(api: Api, handler: H) -> Api
where
    E: ApiEndpoint<Caller: Authenticate>,
    H: Fn(Ctx<E>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<E::Response, AppError>> + Send + 'static,
{
    mount_as(api, handler, |answer| {
        if E::INFO.success == StatusCode::NO_CONTENT {
            return StatusCode::NO_CONTENT.into_response();
        }
        (E::INFO.success, Json(answer)).into_response()
    })
}

/// Mounts an endpoint that responds with plain text.
pub fn mount_text<E, H, F>(api: Api, handler: H) -> Api
where
    E: ApiEndpoint<Response = Text, Caller: Authenticate>,
    H: Fn(Ctx<E>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<TextFile, AppError>> + Send + 'static,
{
    mount_as(api, handler, IntoResponse::into_response)
}

/// Mounts an endpoint whose handler's result is converted by `shape`.
fn mount_as<E, H, F, A>(api: Api, handler: H, shape: fn(A) -> Response) -> Api
where
    E: ApiEndpoint<Caller: Authenticate>,
    H: Fn(Ctx<E>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<A, AppError>> + Send + 'static,
    A: Send + 'static,
{
    let Api {
        app,
        router,
        mut mounted,
        mut forms,
    } = api;
    mounted.push(E::INFO);
    forms.push(FormEndpoint::of::<E>());
    let handler = Arc::new(handler);
    let state = app.clone();
    let filter = MethodFilter::try_from(E::INFO.method).unwrap_or(MethodFilter::GET);
    let route = on(filter, move |request: Request| {
        let (app, handler) = (state.clone(), handler.clone());
        async move {
            match call::<E, H, F, A>(app, handler, request).await {
                Ok(answer) => shape(answer),
                Err(error) => declared(&E::INFO, error).into_response(),
            }
        }
    });
    Api {
        app,
        router: router.route(E::INFO.path, route),
        mounted,
        forms,
    }
}

/// Logs an error that its endpoint does not declare, and returns it.
///
/// An undeclared error is a bug in the declaration or in the handler; debug builds panic.
pub(super) fn declared(info: &EndpointInfo, error: AppError) -> AppError {
    let is_declared = info.errors().contains(&error.code());
    if !is_declared {
        tracing::error!(endpoint = info.name, code = ?error.code(), "undeclared error code");
    }
    debug_assert!(
        is_declared,
        "{} answered {:?}, which it does not declare",
        info.name,
        error.code()
    );
    error
}

async fn call<E, H, F, A>(app: App, handler: Arc<H>, request: Request) -> Result<A, AppError>
where
    E: ApiEndpoint<Caller: Authenticate>,
    H: Fn(Ctx<E>) -> F,
    F: Future<Output = Result<A, AppError>>,
{
    let (mut parts, body) = request.into_parts();
    let call: Admitted<E::Caller, E::Path> =
        admit::<_, E::NamedPath, _>(&app, &E::INFO, &mut parts).await?;
    let query = read_query(&mut parts).await?;
    let request = read_body(&app, &E::INFO, body).await?;
    let trail = call.trail(&app, &parts);
    let browser = Browser {
        address: call.address,
        cookies: parts.extensions.get().cloned().unwrap_or_default(),
    };
    let record = E::INFO
        .audit
        .map(|action| Arc::new(CallRecord::new(trail.clone(), action)));
    let app = match &record {
        Some(record) => app.with_record(record.clone()),
        None => app,
    };
    let answer = handler(Ctx {
        app,
        actor: call.actor,
        session: call.session,
        browser,
        path: call.path,
        query,
        request,
        trail,
    })
    .await?;
    if let Some(record) = record {
        record.complete().await;
    }
    Ok(answer)
}

/// A request whose actor is authenticated and authorized.
pub(super) struct Admitted<C: Authenticate, P> {
    pub(super) actor: C::Actor,
    pub(super) session: Session,
    pub(super) address: ClientAddress,
    pub(super) path: P,
    pub(super) path_fields: serde_json::Value,
}

impl<C: Authenticate, P> Admitted<C, P> {
    /// Returns the audit trail of the request.
    pub(super) fn trail(&self, app: &App, parts: &Parts) -> AuditTrail {
        let request_id = parts.headers.get("x-request-id");
        let request_id = request_id.and_then(|id| id.to_str().ok());
        let caller = self.actor.as_ref().clone();
        AuditTrail::new(
            app,
            caller,
            self.path_fields.clone(),
            request_id.unwrap_or_default(),
        )
    }
}

/// Admits a request after checks of origin, path, actor, permission and rate limit.
///
/// A request over the rate limit is refused as such, whatever the checks of actor and permission
/// found. `N` is the path as the request has it, and `P` the path with ids in place of names.
pub(super) async fn admit<C, N, P>(
    app: &App,
    info: &EndpointInfo,
    parts: &mut Parts,
) -> Result<Admitted<C, P>, AppError>
where
    C: Authenticate,
    N: Serialize + DeserializeOwned + Send,
    P: Wire,
{
    let changes_or_streams = info.method != http::Method::GET || info.stream;
    if changes_or_streams && !is_from_own_pages(&parts.headers, &app.public_origin) {
        return Err(ErrorCode::CrossSiteRequest.into());
    }
    let session = parts
        .extensions
        .get::<Session>()
        .cloned()
        .ok_or_else(|| AppError::internal("the session layer is missing"))?;
    // A text that can be neither id nor name names nothing, so it is "not found" rather than malformed. The difference
    // would reveal which ids could exist.
    let Path(named) = Path::<N>::from_request_parts(parts, &())
        .await
        .map_err(|_| ErrorCode::NotFound)?;
    let mut path_fields = serde_json::to_value(&named).map_err(AppError::internal)?;
    let address = client_address(&parts.extensions, &parts.headers, |peer| {
        app.config.server.trusts(peer)
    });
    let evidence = Evidence {
        address,
        headers: &parts.headers,
        session: &session,
        access: info.access,
        path: &path_fields,
    };
    let actor = C::authenticate(app, evidence).await;
    let caller: Option<&Actor> = actor.as_ref().ok().map(AsRef::as_ref);
    let key = match caller.and_then(Actor::principal_id) {
        _ if info.rate == RateClass::Credentials => RateKey::Address(address.network()),
        None => RateKey::Address(address.network()),
        Some(id) if caller.is_some_and(|caller| caller.kind == ActorKind::ApiToken) => {
            RateKey::ApiTokens(id)
        }
        Some(id) => RateKey::Actor(id),
    };
    let count = || app.rate.check(info.rate, key);
    match parts.extensions.get::<PageRateCheck>() {
        Some(rate_check) if info.rate == RateClass::Reads => rate_check.check(count)?,
        _ => count()?,
    }
    let actor = actor?;
    let membership = actor.as_ref().membership();
    resolve_names(app, info, membership, &mut path_fields).await?;
    Ok(Admitted {
        actor,
        session,
        address,
        path: P::deserialize(&path_fields).map_err(AppError::internal)?,
        path_fields,
    })
}

/// Parses and validates the query.
pub(super) async fn read_query<Q: Wire>(parts: &mut Parts) -> Result<Q, AppError> {
    let Ok(RawQuery(query)) = RawQuery::from_request_parts(parts, &()).await;
    let query = query.unwrap_or_default();
    let reader = serde_qs::Deserializer::new(query.as_bytes());
    let reader = reader.map_err(|error| malformed(error.to_string()))?;
    let is_about_a_field = |error: &serde_qs::Error| {
        matches!(
            error,
            serde_qs::Error::Custom(_) | serde_qs::Error::ParseInt(_)
        )
    };
    valid(request::read(reader, is_about_a_field).map_err(unread)?)
}

async fn read_body<R: Wire>(app: &App, info: &EndpointInfo, body: Body) -> Result<R, AppError> {
    if info.method == http::Method::GET {
        return read_json(b"{}");
    }
    let bytes = to_bytes(body, app.config.server.body_limit_bytes)
        .await
        .map_err(|_| ErrorCode::BodyTooLarge)?;
    // An endpoint with an empty request type needs no body.
    if bytes.is_empty() && std::mem::size_of::<R>() == 0 {
        return read_json(b"{}");
    }
    valid(read_json(&bytes)?)
}

fn read_json<R: DeserializeOwned>(bytes: &[u8]) -> Result<R, AppError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let request = request::read(&mut reader, serde_json::Error::is_data).map_err(unread)?;
    reader.end().map_err(|error| malformed(error.to_string()))?;
    Ok(request)
}

fn unread<E: std::fmt::Display>(unread: DecodeError<E>) -> AppError {
    match unread {
        DecodeError::Fields(fields) => ApiError::invalid(fields).into(),
        DecodeError::Malformed(error) => malformed(error.to_string()),
    }
}

fn malformed(reason: String) -> AppError {
    ApiError::new(ErrorCode::MalformedRequest)
        .with_message(reason)
        .into()
}

fn valid<T: Validate<Context = ()>>(value: T) -> Result<T, AppError> {
    match value.validate() {
        Ok(()) => Ok(value),
        Err(report) => Err(ApiError::from(&report).into()),
    }
}
