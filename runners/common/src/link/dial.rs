//! Opening a connection to the server.

use std::{io, sync::Arc};

use http::{HeaderValue, Uri, header::AUTHORIZATION};
use models::{runner::MAX_SERVER_FRAME_BYTES, value::SecretText};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::time::timeout;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config,
    tungstenite::{self, client::IntoClientRequest, protocol::WebSocketConfig},
};

use super::{refusal::Refusal, session::LinkEnd, url::ServerUrl};
use crate::{
    agent::Agent,
    host::{Connection, Host},
    platform::Platform,
};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<Box<dyn Connection>>>;

/// Size of a link's buffers. Runners are mostly idle; the library's default is 256 KiB.
const BUFFER_BYTES: usize = 8 * 1024;

/// Opens a link, or returns why it failed.
pub(super) async fn dial<P: Platform>(agent: &Agent<P>) -> Result<Socket, LinkEnd> {
    let (server, token) = (&agent.server_url, Some(&agent.token));
    // A handshake's state is large, and a link's future keeps the size of whatever it awaits.
    let opening = Box::pin(open(&*agent.host, server, server.link(), token));
    let opening = async {
        tokio::select! {
            opened = opening => opened,
            () = agent.shutdown.cancelled() => Err(LinkEnd::Stopped),
        }
    };
    timeout(agent.timings.link_open, opening)
        .await
        .unwrap_or_else(|_| Err(LinkEnd::Lost("the server is not responding".to_owned())))
}

/// Opens a connection to an address of the server, with a token where needed.
pub(crate) async fn open(
    host: &dyn Host,
    server: &ServerUrl,
    address: &Uri,
    token: Option<&SecretText>,
) -> Result<Socket, LinkEnd> {
    let lost = |error: &dyn std::error::Error| LinkEnd::Lost(format!("{server}: {error}"));

    let mut request = address.into_client_request().map_err(|e| lost(&e))?;
    if let Some(token) = token {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|error| lost(&error))?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }

    let connecting = connect(host, address).await;
    let stream = connecting.map_err(|error| lost(&error))?;
    let tls = match address.scheme_str() {
        Some("wss") => Connector::Rustls(tls().map_err(|error| lost(&error))?),
        _ => Connector::Plain,
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_message_size(Some(MAX_SERVER_FRAME_BYTES))
        .max_frame_size(Some(MAX_SERVER_FRAME_BYTES));
    match client_async_tls_with_config(request, stream, Some(config), Some(tls)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(response)) => Err(Refusal::from_response(&response)
            .map_or_else(
                || LinkEnd::Lost(format!("{server} responded with {}", response.status())),
                LinkEnd::Refused,
            )),
        Err(error) => Err(lost(&error)),
    }
}

async fn connect(host: &dyn Host, address: &Uri) -> io::Result<Box<dyn Connection>> {
    let default_port = if address.scheme_str() == Some("wss") {
        443
    } else {
        80
    };
    let name = address.host().unwrap_or_default();
    let port = address.port_u16().unwrap_or(default_port);
    host.connect(name, port).await
}

/// TLS with the certificates that this host trusts.
///
/// Read again for each link, so that they use no memory in between and changes take effect.
fn tls() -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(io::Error::other(
            "this host trusts no certificate authority; install ca-certificates",
        ));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
