//! The product: the server with its dashboard, and this machine as a runner.

pub mod dashboard;
mod local_runner;

use api::{
    app::{App, StartError},
    server,
};
use tokio::net::TcpListener;

/// Serves the API and the dashboard until the app is told to stop.
///
/// Meanwhile this machine runs apps, if it can.
///
/// # Errors
/// When the listener or the database fails at the start.
pub async fn serve(app: App, listener: TcpListener) -> Result<(), StartError> {
    let address = listener.local_addr().map_err(|source| StartError::Listen {
        address: app.config.server.address.to_string(),
        source,
    })?;
    app.tasks.spawn(local_runner::run(app.clone(), address));
    let router = server::router(&app, dashboard::router);
    server::serve(app, listener, router).await
}
