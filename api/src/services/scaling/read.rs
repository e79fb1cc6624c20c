//! History of autoscaling.

use models::{
    DeploymentId, WorkspaceId,
    deployment::ScalingChange,
    error::ErrorCode,
    page::{Page, PageQuery},
    time::Timestamp,
};

use crate::{
    app::App,
    error::AppError,
    services::{page, rows_wanted},
    store,
};

/// Lists the last changes of a deployment's instance count, newest first.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &PageQuery,
) -> Result<Page<ScalingChange>, AppError> {
    // A missing deployment is "not found", not an empty list.
    let mut snapshot = app.db.snapshot().await?;
    store::deployment::find(&mut snapshot, workspace_id, deployment_id).await?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.0.parse().map_err(|_| ErrorCode::CursorInvalid)?,
    };
    let range = (Timestamp::from_micros(0), Timestamp::from_micros(before));
    let limit = rows_wanted(query);
    let snapshot = &mut snapshot;
    let rows =
        store::scaling_change::list(snapshot, workspace_id, deployment_id, range, limit).await?;
    page(
        rows,
        query,
        |last: &ScalingChange| last.at.micros().to_string(),
        Ok,
    )
}
