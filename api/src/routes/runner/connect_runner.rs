//! `GET /runner/link`

use models::api::runner::ConnectRunner;

use crate::{
    http::{Closed, Socket, StreamCtx},
    hub,
};

/// Hands the link's socket to the hub.
pub async fn connect_runner(
    ctx: StreamCtx<ConnectRunner>,
    socket: Socket<ConnectRunner>,
) -> Result<(), Closed> {
    hub::run_link(ctx, socket).await
}
