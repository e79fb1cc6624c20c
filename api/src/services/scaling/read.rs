//! When and why there were more instances or fewer.

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

/// The last changes of the number of a deployment's instances, the newest first.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &PageQuery,
) -> Result<Page<ScalingChange>, AppError> {
    // The list of a deployment that is not there is not empty, it is not found.
    store::deployment::find(&app.db, workspace_id, deployment_id).await?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.0.parse().map_err(|_| ErrorCode::CursorInvalid)?,
    };
    let range = (Timestamp::from_micros(0), Timestamp::from_micros(before));
    let limit = rows_wanted(query);
    let rows =
        store::scaling_change::list(&app.db, workspace_id, deployment_id, range, limit).await?;
    page(
        rows,
        query,
        |last: &ScalingChange| last.at.micros().to_string(),
        Ok,
    )
}
