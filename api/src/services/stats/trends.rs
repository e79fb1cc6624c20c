//! Trends: the recent resource use of deployments, in outline.

use models::{
    WorkspaceId,
    api::workspace::{ListTrendsResponse, TREND_RANGE_MS},
    deployment::DeploymentTrend,
    time::Timestamp,
};

use crate::{
    app::App,
    error::AppError,
    store::{self, stats_rollup::ROLLUP_MS},
};

/// Returns the trend of each deployment of a workspace, at most a few seconds old.
pub async fn trends(app: &App, workspace_id: WorkspaceId) -> Result<ListTrendsResponse, AppError> {
    let now = app.clock.now();
    // Boxed, because the future is moved several times and rarely polled.
    let reading = Box::pin(read(app, workspace_id, now));
    let trends = &app.features.trends;
    trends.get_or_read(workspace_id, now, reading).await
}

async fn read(
    app: &App,
    workspace_id: WorkspaceId,
    to: Timestamp,
) -> Result<ListTrendsResponse, AppError> {
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
