//! Turning a declaration and a handler into a WebSocket route.

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
    rbac::Role,
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
    actor::Actor,
    app::App,
    audit::AuditTrail,
    bus::{Event, Subscription},
    client::ClientAddress,
    error::AppError,
};

/// How often an open stream's permission is checked even when nothing says that it changed.
const RECHECK: Duration = Duration::from_secs(30);

/// How long a message may wait for a client that does not read. Whoever holds something for it, a
/// runner's lease or a terminal's seat, must not hold it for ever.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// The largest message from anybody at all, in bytes: what a runner says that is not registered yet.
const MAX_PUBLIC_MESSAGE_BYTES: usize = 64 * 1024;
/// The largest message from a person, in bytes: a terminal's whole window, as base64 in JSON.
const MAX_MESSAGE_BYTES: usize = 2 * WINDOW_BYTES as usize;

/// What a connection keeps to read into, in bytes. All of it is overwritten whenever somebody looks
/// whether anything came, and most connections say little: the library's 128 KiB would cost a
/// thousand runners 128 MiB and most of a processor.
const READ_BUFFER_BYTES: usize = 8 * 1024;

/// How long a client has to answer a goodbye.
const FAREWELL: Duration = Duration::from_secs(5);

/// A stream that passed every check of its endpoint's declaration.
#[derive(Debug)]
pub struct StreamCtx<S>
where
    S: StreamEndpoint<Caller: Authenticate>,
{
    /// The server.
    pub app: App,
    /// Who opened it.
    pub actor: <S::Caller as Authenticate>::Actor,
    /// Where they opened it from.
    pub address: ClientAddress,
    /// The fields of the path.
    pub path: S::Path,
    /// The fields of the query.
    pub query: S::Query,
    /// For what is to be recorded.
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
    /// Sends a message; an error means that the client is gone.
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

    /// Says goodbye, so that the last message arrives even when the client was still speaking: a
    /// connection that is dropped with something unread may take it along.
    pub async fn close(mut self) {
        let closing = async {
            self.socket.send(Message::Close(None)).await.ok();
            while let Some(Ok(_)) = self.socket.recv().await {}
        };
        timeout(FAREWELL, closing).await.ok();
    }

    /// Waits for the next event on behalf of a page, which has nothing to say itself. Meanwhile the
    /// page is told that the line still stands: browsers show their scripts no pings.
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

    /// Like [`Self::receive`], and meanwhile tells the page that the line still stands.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or speaks no JSON.
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

    /// Waits for the next message; an error means that the client is gone or speaks no JSON.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone.
    pub async fn receive(&mut self) -> Result<S::ClientMessage, Closed> {
        loop {
            match self.socket.recv().await {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(&text).map_err(|_| Closed);
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => {
                    return Err(Closed);
                }
            }
        }
    }

    /// Like [`Self::receive`], but gives none for a ping or a pong: a sign of life.
    ///
    /// # Errors
    /// [`Closed`] when the client is gone or speaks no JSON.
    pub async fn receive_or_sign_of_life(&mut self) -> Result<Option<S::ClientMessage>, Closed> {
        match self.socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                serde_json::from_str(&text).map(Some).map_err(|_| Closed)
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Binary(_) | Message::Close(_)) | Err(_)) | None => Err(Closed),
        }
    }
}

/// The other side of a socket is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection is closed")]
pub struct Closed;

/// Mounts a stream. The handler runs until it returns, the client goes, the permission goes or the
/// server stops.
pub fn mount_stream<S, H, F>(api: Api, handler: H) -> Api
where
    S: StreamEndpoint<Caller: Authenticate>,
    H: Fn(StreamCtx<S>, Socket<S>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<(), Closed>> + Send + 'static,
{
    mount_stream_of(api, |_, _| ready(Ok(())), handler)
}

/// Like [`mount_stream`], for a stream about something: `find` says whether it is there before
/// anything is opened, so that what is another tenant's is answered as it is everywhere.
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
    let admitted: Admitted<S::Caller, S::Path> = admit(&app, &S::INFO, &mut parts).await?;
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
        role: caller.role(),
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
        // What is refused for its size must not be read into memory first.
        .max_frame_size(largest_message(S::INFO.access))
        .on_upgrade(move |socket| async move {
            let socket = Socket {
                socket,
                last_sent_at: Instant::now(),
                stream: PhantomData,
            };
            // Dropping the handler's future drops the socket with it; the client connects again
            // and is told by the status why it may not.
            tokio::select! {
                _ = handler(ctx, socket) => {}
                () = guard.until_forbidden() => {}
                () = app.stop.cancelled() => {}
            }
        });
    Ok(response)
}

/// The largest message that a stream takes, in bytes.
const fn largest_message(access: Access) -> usize {
    match access {
        Access::Runner => MAX_RUNNER_FRAME_BYTES,
        Access::Public => MAX_PUBLIC_MESSAGE_BYTES,
        Access::SignedIn | Access::Permission { .. } => MAX_MESSAGE_BYTES,
    }
}

/// Watches that the one who opened a stream may still read it.
struct Guard<S> {
    app: App,
    address: ClientAddress,
    headers: http::HeaderMap,
    session: Session,
    path_fields: serde_json::Value,
    role: Option<Role>,
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
                        // A runner's token may have gone with it.
                        Event::SessionsChanged { .. } | Event::RunnerChanged { .. } | Event::Resync
                    );
                    if !matters {
                        continue;
                    }
                }
            }
            // Rarely done, and too large to be part of what every connection keeps.
            if !Box::pin(self.may_still()).await {
                return;
            }
        }
    }

    async fn may_still(&self) -> bool {
        // The session was loaded when the stream was opened; only a new one sees what changed.
        let fresh = Session::new(self.session.id(), self.app.sessions.clone(), None);
        let evidence = Evidence {
            address: self.address,
            headers: &self.headers,
            session: &fresh,
            access: S::INFO.access,
            path: &self.path_fields,
        };
        match S::Caller::authenticate(&self.app, evidence).await {
            // What a stream shows was decided by the role when it was opened.
            Ok(actor) => actor.as_ref().role() == self.role,
            // A database that is busy for a moment takes nobody's permission away.
            Err(error) => error.code().status().is_server_error(),
        }
    }
}
