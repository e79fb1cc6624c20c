//! A tiny app to deploy first: it answers HTTP, logs, and fails on request.
//!
//! | Path | What it does |
//! |---|---|
//! | `/` | greets with `GREETING` and says its version |
//! | `/env` | lists its environment, one `KEY=value` a line |
//! | `/headers` | lists the headers of the request, without the values of secret ones |
//! | `/healthz` | `ok`, for health checks |
//! | `/log?lines=N` | prints N lines, at most 100,000 |
//! | `/crash` | answers, then exits with code 3 |
//! | `/hang` | from now on no request gets an answer |
//!
//! It listens on `PORT` (8080 by default) and prints a line for each request.

#![expect(
    clippy::disallowed_methods,
    reason = "an app reads its environment, and this one shows it"
)]

mod fault;
mod page;

use std::{env, io, net::Ipv4Addr};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::fault::Hang;

const DEFAULT_PORT: u16 = 8080;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = port()?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await?;
    println!("hello {} listens on port {port}", env!("CARGO_PKG_VERSION"));
    axum::serve(listener, app())
        .with_graceful_shutdown(asked_to_stop())
        .await?;
    println!("hello stopped");
    Ok(())
}

/// All paths of the app.
fn app() -> Router {
    let hang = Hang::default();
    Router::new()
        .route("/", get(page::greeting))
        .route("/env", get(page::environment))
        .route("/headers", get(page::headers))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/log", get(page::log))
        .route("/crash", get(fault::crash))
        .route("/hang", get(fault::hang))
        .layer(middleware::from_fn_with_state(
            hang.clone(),
            fault::never_answer_while_hanging,
        ))
        .layer(middleware::from_fn(log_request))
        .with_state(hang)
}

/// The port to listen on, from `PORT`.
fn port() -> io::Result<u16> {
    match env::var("PORT") {
        Err(_) => Ok(DEFAULT_PORT),
        Ok(text) => text.parse().map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("PORT must be a number from 0 to 65535, it is {text:?}"),
            )
        }),
    }
}

async fn log_request(request: Request, next: Next) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    println!("{line}");
    next.run(request).await
}

/// Resolves when the container is told to stop; requests under way then finish.
async fn asked_to_stop() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests;
