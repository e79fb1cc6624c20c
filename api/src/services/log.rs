//! Log lines: kept in the order in which they came, each one once, the oldest forgotten first.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    api::workspace::deployment::{DEFAULT_LOG_LINES, ListLogLinesQuery, MAX_LOG_LINES},
    deployment::LogLine,
    runner::LogBatch,
};

use crate::{app::App, bus::Event, error::AppError, store};

/// Old lines go in lots of this many, not one by one.
const TRIM_EVERY: i64 = 1_000;

/// The longest line that is kept, in bytes; runners split longer ones.
const MAX_LINE: usize = 64 * 1024;

/// Keeps a batch of lines. One that is about another runner's deployment is ignored.
pub async fn append(app: &App, runner_id: RunnerId, batch: LogBatch) -> Result<(), AppError> {
    let deployment_id = batch.deployment_id;
    let count = i64::try_from(batch.lines.len()).map_err(AppError::internal)?;
    let mut tx = app.db.begin().await?;
    let end = store::log_line::take_positions(&mut tx, runner_id, deployment_id, count).await?;
    let Some(end) = end else {
        return Ok(());
    };
    for (position, line) in (end - count + 1..).zip(&batch.lines) {
        if line.text.len() > MAX_LINE {
            tracing::warn!(runner.id = %runner_id, "a log line that was too long was left out");
            continue;
        }
        // PostgreSQL's text cannot hold NUL.
        let mut line = line.clone();
        if line.text.contains('\0') {
            line.text = line.text.replace('\0', "\u{2400}");
        }
        store::log_line::insert(&mut tx, deployment_id, position, &line).await?;
    }
    if end / TRIM_EVERY != (end - count) / TRIM_EVERY {
        let kept = i64::from(app.config.logs.max_lines_per_deployment);
        store::log_line::trim(&mut tx, deployment_id, end - kept).await?;
    }
    tx.commit().await?;
    app.bus.publish(Event::LogsAppended {
        deployment_id,
        position: end,
    });
    Ok(())
}

/// The lines of a deployment as a query asks for them.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &ListLogLinesQuery,
) -> Result<Vec<LogLine>, AppError> {
    store::deployment::find(&app.db, workspace_id, deployment_id).await?;
    let limit = i64::from(query.limit.unwrap_or(DEFAULT_LOG_LINES));
    match query.after {
        Some(after) => self::after(app, workspace_id, deployment_id, after, limit).await,
        None => newest(app, workspace_id, deployment_id, limit).await,
    }
}

/// The lines that follow a place, as many as one message may have.
pub async fn following(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    position: i64,
) -> Result<Vec<LogLine>, AppError> {
    let limit = i64::from(MAX_LOG_LINES);
    after(app, workspace_id, deployment_id, position, limit).await
}

/// The place of a deployment's newest line; 0 when it has none.
pub async fn end(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<i64, AppError> {
    let newest = newest(app, workspace_id, deployment_id, 1).await?;
    Ok(newest.last().map_or(0, |line| line.position))
}

async fn after(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    position: i64,
    limit: i64,
) -> Result<Vec<LogLine>, AppError> {
    Ok(store::log_line::after(&app.db, workspace_id, deployment_id, position, limit).await?)
}

async fn newest(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    limit: i64,
) -> Result<Vec<LogLine>, AppError> {
    Ok(store::log_line::newest(&app.db, workspace_id, deployment_id, limit).await?)
}
