//! `GET /runner/registration`

use models::api::runner::RegisterRunner;

use crate::{
    http::{Closed, Socket, StreamCtx},
    hub,
};

/// Hands the registration socket to the hub.
pub async fn register_runner(
    ctx: StreamCtx<RegisterRunner>,
    socket: Socket<RegisterRunner>,
) -> Result<(), Closed> {
    hub::run_registration(ctx, socket).await
}
