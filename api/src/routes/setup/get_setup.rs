//! `GET /setup`

use models::api::setup::{GetSetup, GetSetupResponse};

use crate::{error::AppError, http::Ctx, services};

/// Returns whether the server has its administrator.
pub async fn get_setup(ctx: Ctx<GetSetup>) -> Result<GetSetupResponse, AppError> {
    let is_done = services::setup::is_done(&ctx.app).await?;
    Ok(GetSetupResponse { is_done })
}
