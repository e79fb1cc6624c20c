//! Assembly and serving of the routers.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
    serve::Listener,
};
use http::{HeaderName, Method};
use models::{api::PREFIX, error::ErrorCode};
use tokio::net::TcpListener;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
};
use tower_sessions::{SessionManagerLayer, cookie::SameSite};

use crate::{
    app::{App, StartError},
    config::OptionalAddress,
    connections::Connections,
    error::AppError,
    http::{
        Api, EVICT_INTERVAL, FormEndpoint, public_host_only, refuse_misdirected, security_headers,
    },
    hub,
    jobs::WorkerOptions,
    openapi, routes, services,
    session_store::{DbSessionStore, answer_failures},
    site,
    telemetry::Metrics,
};

/// Makes the pages' router from the API's and the endpoints that forms can call.
///
/// Pages and forms call the API through its router, so that every check of every endpoint holds
/// for them too.
pub type Pages = fn(&App, Router, Vec<FormEndpoint>) -> Router;

/// The router of the whole server: the API, the pages, health checks.
pub fn router(app: &App, pages: Pages) -> Router {
    let (endpoints, _, forms) = routes::mount_all(Api::new(app.clone())).finish();
    let document = openapi::document().to_string();
    let api = endpoints.route(
        "/openapi.json",
        get(|| async { ([(http::header::CONTENT_TYPE, "application/json")], document) }),
    );
    let api = below_prefix(app, api);
    let is_tls = app.site.is_tls();
    let pages = pages(app, api.clone(), forms)
        // Limits the wait for a form whose body never completes.
        .layer(middleware::from_fn_with_state(app.clone(), time_limit));
    Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready).with_state(app.clone()))
        .merge(pages)
        .merge(api)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(
            app.clone(),
            public_host_only,
        ))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            security_headers(is_tls, request, next)
        }))
        .layer(middleware::from_fn(own_request_id))
}

/// The router for runner connections alone.
pub fn links_router(app: &App) -> Router {
    let (endpoints, _, _) = routes::mount_links(Api::new(app.clone())).finish();
    below_prefix(app, endpoints)
}

/// Nests the API below its prefix, with the layers around every call.
fn below_prefix(app: &App, endpoints: Router) -> Router {
    Router::new()
        .nest(PREFIX, endpoints)
        .route("/api", get(unknown_api))
        .route("/api/{*rest}", get(unknown_api))
        .layer(session_layer(app))
        .layer(middleware::from_fn(answer_failures))
        .layer(middleware::from_fn(refuse_misdirected))
        .layer(middleware::from_fn_with_state(app.clone(), time_limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

fn session_layer(app: &App) -> SessionManagerLayer<DbSessionStore> {
    SessionManagerLayer::new((*app.sessions).clone())
        .with_name(app.session_cookie())
        .with_secure(app.site.is_tls())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
}

/// Replaces a client's request id with our own, because ids in the log are ours.
async fn own_request_id(mut request: Request, next: Next) -> Response {
    request
        .headers_mut()
        .remove(HeaderName::from_static("x-request-id"));
    next.run(request).await
}

async fn time_limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = app.config.server.request_timeout();
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => AppError::from(ErrorCode::RequestTimeout).into_response(),
    }
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let reason = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked without a message");
    AppError::internal(reason.to_owned()).into_response()
}

async fn unknown_api(method: Method) -> AppError {
    tracing::debug!(%method, "no such endpoint");
    ErrorCode::NotFound.into()
}

/// Answers the readiness check, by asking the database.
async fn ready(State(app): State<App>) -> Response {
    match app.db.ping().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                http::StatusCode::SERVICE_UNAVAILABLE,
                "the database is not responding",
            )
                .into_response()
        }
    }
}

/// Serves until the app is told to stop, then finishes requests under way.
///
/// # Errors
/// When the database fails at the start.
pub async fn serve(
    app: App,
    listener: impl Listener<Addr = SocketAddr>,
    router: Router,
) -> Result<(), StartError> {
    let broken = |error: AppError| StartError::Other(error.chain());
    services::runner::release_stale_leases(&app)
        .await
        .map_err(broken)?;
    services::jobs::schedule_recurring(&app)
        .await
        .map_err(broken)?;
    app.tasks.spawn(hub::renew_leases(app.clone()));
    let worker = app.jobs.clone().work(
        app.db.clone(),
        app.clone(),
        WorkerOptions::new(app.config.jobs.concurrency.get()),
        app.stop.clone(),
    );
    app.tasks.spawn(worker);
    app.tasks.spawn(interval_loop(
        app.clone(),
        services::release::EXPIRE_INTERVAL,
        async |app: &App| {
            if let Err(error) = services::release::expire_overdue(app).await {
                tracing::warn!(error = %error.chain(), "failed to end overdue releases");
            }
            if let Err(error) = services::run::expire_overdue(app).await {
                tracing::warn!(error = %error.chain(), "failed to end overdue runs");
            }
        },
    ));
    let decide_every = app.config.scaling.decide_every();
    app.tasks.spawn(interval_loop(
        app.clone(),
        decide_every,
        async |app: &App| {
            if let Err(error) = services::scaling::autoscale_all(app).await {
                tracing::warn!(error = %error.chain(), "autoscaling failed");
            }
        },
    ));
    app.tasks.spawn(interval_loop(
        app.clone(),
        EVICT_INTERVAL,
        async |app: &App| {
            app.rate.evict_idle();
            app.log_throttles.flush(app.clock.now());
        },
    ));
    app.tasks.spawn(interval_loop(
        app.clone(),
        site::RESOLVE_INTERVAL,
        async |app: &App| app.site.resolve().await,
    ));
    let connections = Connections::new(&app);
    tokio::select! {
        () = connections.serve(listener, router) => {}
        () = shutdown_deadline(&app) => {}
    }
    app.tasks.close();
    let _ = tokio::time::timeout(app.config.server.shutdown_grace(), app.tasks.wait()).await;
    app.db.close().await;
    Ok(())
}

/// Serves `/metrics` on a listener of its own.
///
/// # Errors
/// When the server cannot listen on the configured address.
pub async fn serve_metrics(app: &App, metrics: Metrics) -> Result<(), StartError> {
    let OptionalAddress::On(address) = app.config.metrics.address else {
        return Ok(());
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen {
            address: address.to_string(),
            source,
        })?;
    app.tasks.spawn(metrics.clone().keep_up(app.stop.clone()));
    let links = app.links.clone();
    let router = Router::new().route(
        "/metrics",
        get(async move || {
            let links = u32::try_from(links.len()).unwrap_or(u32::MAX);
            metrics::gauge!("berth_runner_links").set(f64::from(links));
            metrics.render()
        }),
    );
    let connections = Connections::new(app);
    app.tasks
        .spawn(async move { connections.serve(listener, router).await });
    Ok(())
}

/// Bounds the time that a stop waits for requests under way.
async fn shutdown_deadline(app: &App) {
    app.stop.cancelled().await;
    tokio::time::sleep(app.config.server.shutdown_grace()).await;
}

/// Repeats some work until the server stops.
async fn interval_loop(app: App, interval: Duration, work: impl AsyncFn(&App)) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = ticks.tick() => work(&app).await,
        }
    }
}
