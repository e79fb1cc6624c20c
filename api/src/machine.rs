//! This machine as a runner: the same runner, over the same protocol, on loopback.

use std::net::SocketAddr;

use crate::app::App;

/// Runs apps on this machine until the server stops.
pub async fn run(app: App, _address: SocketAddr) {
    app.stop.cancelled().await;
}
