//! `GET /runner/enrolment`

use models::api::runner::EnrolRunner;

use crate::{
    http::{Closed, Socket, StreamCtx},
    hub,
};

/// Hands the registration socket to the hub.
pub async fn enrol_runner(
    ctx: StreamCtx<EnrolRunner>,
    socket: Socket<EnrolRunner>,
) -> Result<(), Closed> {
    hub::run_enrolment(ctx, socket).await
}
