//! One link of a runner, from its hello to its end.
//!
//! Two things happen at once: `Transport` reads and writes the socket, and carries the bytes of
//! execs; `Handler` handles everything else in order, with the database. So no commit holds a
//! terminal up.

mod handler;
mod transport;

use std::{pin::pin, sync::Arc, time::Duration};

use models::{
    RunnerId,
    api::runner::ConnectRunner,
    error::ErrorCode,
    runner::{Hello, PROTOCOL_VERSION, RunnerFrame, ServerFrame},
};
use tokio_util::sync::CancellationToken;

use self::{handler::Handler, transport::Transport};
use crate::{
    actor::LinkedRunner,
    app::App,
    bus::{Subscription, Topic},
    client::ClientAddress,
    error::AppError,
    http::{Closed, Socket, StreamCtx},
    links::Execs,
    services,
};

/// The time that a runner has to send its hello.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves a runner's link until it ends.
///
/// # Errors
/// [`Closed`] when the runner is gone, or after a failure that a new link will clear.
pub async fn run(
    ctx: StreamCtx<ConnectRunner>,
    mut socket: Socket<ConnectRunner>,
) -> Result<(), Closed> {
    let StreamCtx {
        app,
        actor: LinkedRunner { runner_id, .. },
        address,
        ..
    } = ctx;
    let first = tokio::time::timeout(HELLO_TIMEOUT, socket.receive()).await;
    let Ok(Ok(RunnerFrame::Hello(hello))) = first else {
        return Err(Closed);
    };
    let (execs, exec_frames) = Execs::new();
    let (guard, events) = match establish(&app, runner_id, address, &hello, execs.clone()).await {
        Ok(established) => established,
        Err(error) => return refuse(&mut socket, &error).await,
    };
    let epoch = guard.epoch;
    tracing::info!(runner.id = %runner_id, epoch, "a runner connected");
    let welcome = ServerFrame::Welcome {
        protocol: PROTOCOL_VERSION,
        runner_id,
        epoch,
    };
    socket.send(&welcome).await?;
    let (transport, queues) = Transport::new(socket, execs, exec_frames);
    let handler = Handler::new(app, runner_id, epoch, queues, events, hello.about.runs);
    let ended = serve(transport, handler, &guard.cut).await;
    if let Err(error) = &ended {
        tracing::warn!(
            runner.id = %runner_id, error = %error.chain(),
            "closed a runner's link because a frame could not be processed"
        );
    }
    ended.map_err(|_| Closed)
}

/// Serves both sides until the link is cut or its runner is gone.
///
/// # Errors
/// When a frame cannot be processed.
async fn serve(
    transport: Transport,
    handler: Handler,
    cut: &CancellationToken,
) -> Result<(), AppError> {
    let mut handling = pin!(handler.run());
    tokio::select! {
        () = cut.cancelled() => return Ok(()),
        ended = &mut handling => return ended,
        Closed = transport.run() => {}
    }
    // A runner that is gone is still believed what it said before.
    cut.run_until_cancelled(handling).await.unwrap_or(Ok(()))
}

/// Takes the runner's lease, and subscribes to changes before it reads any state.
async fn establish(
    app: &App,
    runner_id: RunnerId,
    address: ClientAddress,
    hello: &Hello,
    execs: Arc<Execs>,
) -> Result<(LinkGuard, Subscription), AppError> {
    if hello.protocol != PROTOCOL_VERSION {
        return Err(ErrorCode::ProtocolVersionUnsupported.into());
    }
    if app.links.is_connected(runner_id) {
        return Err(ErrorCode::RunnerAlreadyConnected.into());
    }
    let epoch = services::runner::acquire_lease(app, runner_id, address).await?;
    let guard = LinkGuard {
        app: app.clone(),
        runner_id,
        epoch,
        cut: app.links.insert(runner_id, epoch, execs.clone()),
        execs,
    };
    services::runner::record_info(app, runner_id, epoch, &hello.about).await?;
    Ok((guard, app.bus.subscribe([Topic::Runner(runner_id)])))
}

async fn refuse(socket: &mut Socket<ConnectRunner>, error: &AppError) -> Result<(), Closed> {
    let refused = ServerFrame::Refused {
        code: error.code(),
        message: error.answer().message.clone(),
    };
    socket.send(&refused).await?;
    // The runner closes the socket; until then the frame may still be on its way.
    let _ = tokio::time::timeout(HELLO_TIMEOUT, socket.receive()).await;
    Ok(())
}

/// A link's entry in the hub and its lease, both released on drop.
struct LinkGuard {
    app: App,
    runner_id: RunnerId,
    epoch: i64,
    cut: CancellationToken,
    execs: Arc<Execs>,
}

impl Drop for LinkGuard {
    fn drop(&mut self) {
        let (app, runner_id, epoch) = (self.app.clone(), self.runner_id, self.epoch);
        self.app.links.remove(runner_id, epoch);
        self.execs.link_lost();
        self.app.tasks.spawn(async move {
            match services::runner::release_lease(&app, runner_id, epoch).await {
                Ok(()) => tracing::info!(runner.id = %runner_id, "a runner disconnected"),
                // The runner was deleted in the meantime.
                Err(error) if error.code() == ErrorCode::NotFound => {}
                Err(error) => tracing::warn!(
                    runner.id = %runner_id, error = %error.chain(),
                    "failed to release a runner's lease; it will expire"
                ),
            }
        });
    }
}
