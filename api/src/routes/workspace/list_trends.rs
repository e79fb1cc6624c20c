//! `GET /workspace/{workspace_id}/trend`

use models::api::workspace::{ListTrends, ListTrendsResponse};

use crate::{error::AppError, http::Ctx, services};

/// Lists the recent resource use of each deployment.
pub async fn list_trends(ctx: Ctx<ListTrends>) -> Result<ListTrendsResponse, AppError> {
    services::stats::trends(&ctx.app, ctx.path.workspace_id).await
}
