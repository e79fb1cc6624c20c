//! Connections, and limits on idle ones.
//!
//! `axum::serve` waits for a request forever and takes any number of connections from anyone.
//! Here a connection without a whole request head is closed in time, and the connections of one
//! address are limited. A connection that becomes a stream no longer counts: streams have
//! limits of their own.

use std::{
    net::{IpAddr, SocketAddr},
    pin::pin,
    time::Duration,
};

use axum::{Router, extract::ConnectInfo, serve::Listener};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::{
    app::App,
    client::ClientAddress,
    keyed_limit::{KeyedLimit, KeyedPermit},
};

/// The connections of one listener.
#[derive(Debug)]
pub struct Connections {
    app: App,
    limit: KeyedLimit<ClientAddress>,
    open: TaskTracker,
}

/// The parameters of serving a connection.
struct Terms {
    peer: SocketAddr,
    head_timeout: Duration,
    stop: CancellationToken,
    /// The permit; absent for peers that are not counted.
    _permit: Option<KeyedPermit<ClientAddress>>,
}

impl Connections {
    /// Creates them with the limits of the server's settings.
    pub fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            limit: KeyedLimit::default(),
            open: TaskTracker::new(),
        }
    }

    /// Answers requests until the server stops, then finishes requests under way.
    pub async fn serve(self, mut listener: impl Listener<Addr = SocketAddr>, router: Router) {
        let stop = self.app.stop.clone();
        while let Some((io, peer)) = stop.run_until_cancelled(listener.accept()).await {
            if let Some(terms) = self.terms(peer) {
                self.open.spawn(serve_one(io, router.clone(), terms));
            }
        }
        drop(listener);
        self.open.close();
        self.open.wait().await;
    }

    /// The parameters for a peer; `None` if its address has too many connections.
    fn terms(&self, peer: SocketAddr) -> Option<Terms> {
        let permit = match self.permit(peer.ip()) {
            Ok(permit) => permit,
            Err(address) => {
                let now = self.app.clock.now();
                self.app.log_throttles.connection_refused(address, now);
                return None;
            }
        };
        Some(Terms {
            peer,
            head_timeout: self.app.config.server.head_timeout(),
            stop: self.app.stop.clone(),
            _permit: permit,
        })
    }

    fn permit(&self, peer: IpAddr) -> Result<Option<KeyedPermit<ClientAddress>>, ClientAddress> {
        let server = &self.app.config.server;
        if server.trusts(peer) {
            return Ok(None);
        }
        let address = ClientAddress(peer);
        let permit = self
            .limit
            .try_acquire(address.network(), server.max_connections_per_address);
        permit.map(Some).ok_or(address)
    }
}

/// Serves a connection until it is closed, becomes a stream, or the server stops.
async fn serve_one(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    router: Router,
    terms: Terms,
) {
    let peer = terms.peer;
    let service = router.map_request(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(terms.head_timeout);
    let connection = http.serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
    let mut connection = pin!(connection.with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = terms.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, client.address = %peer.ip(), "a connection was interrupted");
    }
}
