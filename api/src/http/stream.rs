//! Mounting of streams: a declaration and a handler become a WebSocket route.

use std::{future::ready, marker::PhantomData, sync::Arc, time::Duration};

use axum::{
    extract::{
        FromRequestParts, Request,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use models::{
    endpoint::{Access, HEARTBEAT, HEARTBEAT_INTERVAL_MS, StreamEndpoint},
    error::ErrorCode,
    exec::WINDOW_BYTES,
    runner::MAX_RUNNER_FRAME_BYTES,
};
use tokio::time::{Instant, timeout};
use tower_sessions::Session;

use super::{
    Api, Authenticate,
    authenticate::Evidence,
    mount::{Admitted, admit, declared, read_query},
};
use crate::{
    actor::{Actor, Membership},
    app::App,
    audit::AuditTrail,
    bus::{Event, Subscription},
    client::ClientAddress,
    error::AppError,
};

/// Interval of permission checks on an open stream, without any change event.
const RECHECK: Duration = Duration::from_secs(30);

/// Longest time that a message may wait for a client that does not read.
///
/// A handler that holds something for the client, such as a runner's lease or a terminal's
/// permit, must not hold it forever.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// Largest message on a public stream, in bytes.
///
/// Such messages come from runners that are not registered yet.
const MAX_PUBLIC_MESSAGE_BYTES: usize = 64 * 1024;
/// Largest message from a person, in bytes.
///
/// Enough for a terminal's whole window, as base64 in JSON.
const MAX_MESSAGE_BYTES: usize = 2 * WINDOW_BYTES as usize;

/// Size of a connection's read buffer, in bytes.
///
/// The whole buffer is overwritten at every read attempt, and most connections carry little:
/// with the library's 128 KiB, a thousand runners would cost 128 MiB and most of a processor.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// Time that a client has to answer a close frame.
const FAREWELL: Duration = Duration::from_secs(5);

/// A stream that passed every check of its endpoint's declaration.
#[derive(Debug)]
pub struct StreamCtx<S>
where
    S: StreamEndpoint<Caller: Authenticate>,
{
    /// The server.
    pub app: App,
    /// The authenticated actor who opened it.
    pub actor: <S::Caller as Authenticate>::Actor,
    /// Address that it was opened from.
    pub address: ClientAddress,
    /// Path fields.
    pub path: S::Path,
    /// Query fields.
    pub query: S::Query,
    /// Audit trail of the stream.
    pub trail: AuditTrail,
}

/// The socket of a stream, with its messages typed.
#[derive(Debug)]
pub struct Socket<S> {
    socket: WebSocket,
    last_sent_at: Instant,
    stream: PhantomData<S>,
}

impl<S: StreamEndpoint> Socket<S> {
    /// Sends a message.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone.
    pub async fn send(&mut self, message: &S::ServerMessage) -> Result<(), Closed> {
        let text = serde_json::to_string(message).map_err(|_| Closed)?;
        self.send_text(text.into()).await
    }

    async fn send_text(&mut self, text: Utf8Bytes) -> Result<(), Closed> {
        let sent = timeout(SEND_LIMIT, self.socket.send(Message::Text(text))).await;
        self.last_sent_at = Instant::now();
        sent.map_err(|_| Closed)?.map_err(|_| Closed)
    }

    /// Sends a close frame and waits for the client to close.
    ///
    /// Dropping a connection with unread input could discard the last message.
    pub async fn close(mut self) {
        let closing = async {
            self.socket.send(Message::Close(None)).await.ok();
            while let Some(Ok(_)) = self.socket.recv().await {}
        };
        timeout(FAREWELL, closing).await.ok();
    }

    /// Waits for the next event, for a page that sends nothing itself.
    ///
    /// Meanwhile sends heartbeats, because browsers do not show pings to scripts.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone.
    pub async fn next_event(&mut self, events: &mut Subscription) -> Result<Event, Closed> {
        let interval = Duration::from_millis(HEARTBEAT_INTERVAL_MS.into());
        loop {
            let due = self.last_sent_at + interval;
            tokio::select! {
                event = events.next() => return Ok(event),
                received = self.receive() => {
                    received?;
                }
                () = tokio::time::sleep_until(due) => {
                    self.send_text(Utf8Bytes::from_static(HEARTBEAT)).await?;
                }
            }
        }
    }

    /// Receives a message like [`Self::receive`], and sends heartbeats meanwhile.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or its message is not valid.
    pub async fn receive_from_page(&mut self) -> Result<S::ClientMessage, Closed> {
        let interval = Duration::from_millis(HEARTBEAT_INTERVAL_MS.into());
        loop {
            let due = self.last_sent_at + interval;
            tokio::select! {
                received = self.receive() => return received,
                () = tokio::time::sleep_until(due) => {
                    self.send_text(Utf8Bytes::from_static(HEARTBEAT)).await?;
                }
            }
        }
    }

    /// Receives the next message.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or its message is not valid.
    pub async fn receive(&mut self) -> Result<S::ClientMessage, Closed> {
        loop {
            if let Some(message) = self.receive_or_heartbeat().await? {
                return Ok(message);
            }
        }
    }

    /// Receives a message like [`Self::receive`]; `None` for a ping or a pong.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or its message is not valid.
    pub async fn receive_or_heartbeat(&mut self) -> Result<Option<S::ClientMessage>, Closed> {
        let (message, _) = self.receive_sized().await?;
        Ok(message)
    }

    /// Receives like [`Self::receive_or_heartbeat`], with the text's size in bytes.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or its message is not valid.
    pub async fn receive_sized(&mut self) -> Result<(Option<S::ClientMessage>, usize), Closed> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                let message = serde_json::from_str(&text).map_err(|error| {
                    // Its text may quote the message.
                    let (kind, column) = (error.classify(), error.column());
                    tracing::info!(?kind, column, "closing a stream: a message is not valid");
                    Closed
                })?;
                Ok((Some(message), text.len()))
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok((None, 0)),
            Some(Ok(Message::Close(_))) => {
                // Sends the close frame in answer (RFC 6455, section 5.5.1).
                timeout(FAREWELL, self.socket.recv()).await.ok();
                Err(Closed)
            }
            Some(Ok(Message::Binary(_)) | Err(_)) | None => Err(Closed),
        }
    }
}

/// The client of a socket is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection is closed")]
pub struct Closed;

/// The reason that a stream ended before its time.
#[derive(Debug)]
pub enum StreamEnd {
    /// The client is gone.
    Closed,
    /// The server could not serve it.
    Failed(AppError),
}

impl From<Closed> for StreamEnd {
    fn from(Closed: Closed) -> Self {
        Self::Closed
    }
}

impl From<AppError> for StreamEnd {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

/// Mounts a stream.
///
/// The handler runs until it returns, the client disconnects, the permission is lost, or the
/// server stops.
pub fn mount_stream<S, H, F>(api: Api, handler: H) -> Api
where
    S: StreamEndpoint<Caller: Authenticate>,
    H: Fn(StreamCtx<S>, Socket<S>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Closed>> + Send + 'static,
{
    mount_stream_of(api, |_, _| ready(Ok(())), handler)
}

/// Mounts a stream like [`mount_stream`], for a stream about a resource.
///
/// `find` checks that the resource exists before the stream opens, so that another tenant's
/// resource is "not found" here as everywhere.
pub fn mount_stream_of<S, C, G, H, F>(api: Api, find: C, handler: H) -> Api
where
    S: StreamEndpoint<Caller: Authenticate, Path: Clone>,
    C: Fn(App, S::Path) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), AppError>> + Send + 'static,
    H: Fn(StreamCtx<S>, Socket<S>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Closed>> + Send + 'static,
{
    let Api {
        app,
        router,
        mut mounted,
        forms,
    } = api;
    mounted.push(S::INFO);
    let (find, handler) = (Arc::new(find), Arc::new(handler));
    let state = app.clone();
    let route = get(move |request: Request| {
        let (app, find, handler) = (state.clone(), find.clone(), handler.clone());
        async move {
            match open::<S, C, G, H, F>(app, find, handler, request).await {
                Ok(response) => response,
                Err(error) => declared(&S::INFO, error).into_response(),
            }
        }
    });
    Api {
        app,
        router: router.route(S::INFO.path, route),
        mounted,
        forms,
    }
}

async fn open<S, C, G, H, F>(
    app: App,
    find: Arc<C>,
    handler: Arc<H>,
    request: Request,
) -> Result<Response, AppError>
where
    S: StreamEndpoint<Caller: Authenticate, Path: Clone>,
    C: Fn(App, S::Path) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), AppError>> + Send + 'static,
    H: Fn(StreamCtx<S>, Socket<S>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Closed>> + Send + 'static,
{
    let (mut parts, _) = request.into_parts();
    let admitted: Admitted<S::Caller, S::Path> =
        admit::<_, S::NamedPath, _>(&app, &S::INFO, &mut parts).await?;
    let query: S::Query = read_query(&mut parts).await?;
    find(app.clone(), admitted.path.clone()).await?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| ErrorCode::MalformedRequest)?;
    let trail = admitted.trail(&app, &parts);
    let caller: &Actor = admitted.actor.as_ref();
    let guard = Guard {
        app: app.clone(),
        address: admitted.address,
        headers: parts.headers,
        session: admitted.session,
        path_fields: admitted.path_fields,
        membership: caller.membership(),
        changes: app.bus.subscribe(caller.topic()),
        stream: PhantomData::<S>,
    };
    let ctx = StreamCtx {
        app: app.clone(),
        actor: admitted.actor,
        address: admitted.address,
        path: admitted.path,
        query,
        trail,
    };
    let response = upgrade
        .max_message_size(largest_message(S::INFO.access))
        .read_buffer_size(READ_BUFFER_BYTES)
        // An oversized message must be refused before it is read into memory.
        .max_frame_size(largest_message(S::INFO.access))
        .on_upgrade(move |socket| async move {
            let socket = Socket {
                socket,
                last_sent_at: Instant::now(),
                stream: PhantomData,
            };
            // Dropping the handler's future drops the socket with it. The client reconnects and
            // learns the reason from the status.
            tokio::select! {
                _ = handler(ctx, socket) => {}
                () = guard.until_forbidden() => {}
                () = app.stop.cancelled() => {}
            }
        });
    Ok(response)
}

/// Returns the largest message that a stream accepts, in bytes.
const fn largest_message(access: Access) -> usize {
    match access {
        Access::Runner => MAX_RUNNER_FRAME_BYTES,
        Access::Public => MAX_PUBLIC_MESSAGE_BYTES,
        Access::SignedIn | Access::Permission { .. } => MAX_MESSAGE_BYTES,
    }
}

/// Repeated check that the actor who opened a stream may still read it.
struct Guard<S> {
    app: App,
    address: ClientAddress,
    headers: http::HeaderMap,
    session: Session,
    path_fields: serde_json::Value,
    membership: Option<Membership>,
    changes: Subscription,
    stream: PhantomData<S>,
}

impl<S: StreamEndpoint<Caller: Authenticate>> Guard<S> {
    async fn until_forbidden(mut self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(RECHECK) => {}
                event = self.changes.next() => {
                    let matters = matches!(
                        event,
                        // The runner's token may have been revoked.
                        Event::SessionsChanged { .. } | Event::RunnerChanged { .. } | Event::Resync
                    );
                    if !matters {
                        continue;
                    }
                }
            }
            // Boxed, because it runs rarely and is too large to keep in every connection.
            if !Box::pin(self.may_still()).await {
                return;
            }
        }
    }

    async fn may_still(&self) -> bool {
        // The stream's session was loaded when the stream opened; only a new one sees changes.
        let fresh = Session::new(self.session.id(), self.app.sessions.clone(), None);
        let evidence = Evidence {
            address: self.address,
            headers: &self.headers,
            session: &fresh,
            access: S::INFO.access,
            path: &self.path_fields,
        };
        match S::Caller::authenticate(&self.app, evidence).await {
            // The grants decided what the stream shows when it opened.
            Ok(actor) => actor.as_ref().membership() == self.membership,
            // A database that is busy for a moment does not revoke a permission.
            Err(error) => error.code().status().is_server_error(),
        }
    }
}
