//! What deployments used lately, in outline.

use models::{
    WorkspaceId,
    api::workspace::{ListTrendsResponse, TREND_RANGE_MS},
    deployment::DeploymentTrend,
};

use crate::{
    app::App,
    error::AppError,
    store::{self, stats_rollup::ROLLUP_MS},
};

/// The trend of each deployment of a workspace.
pub async fn trends(app: &App, workspace_id: WorkspaceId) -> Result<ListTrendsResponse, AppError> {
    let to = app.clock.now();
    let from = to.plus_millis(-TREND_RANGE_MS);
    let points = store::stats_trend::within(&app.db, workspace_id, (from, to), ROLLUP_MS).await?;
    let mut deployments: Vec<DeploymentTrend> = Vec::new();
    for (deployment_id, point) in points {
        match deployments.last_mut() {
            Some(trend) if trend.deployment_id == deployment_id => trend.points.push(point),
            _ => deployments.push(DeploymentTrend {
                deployment_id,
                points: vec![point],
            }),
        }
    }
    Ok(ListTrendsResponse {
        from,
        to,
        resolution_ms: ROLLUP_MS,
        deployments,
    })
}
