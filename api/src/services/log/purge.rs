//! Deletion of the whole log of a deleted deployment.

use models::{DeploymentId, RunnerId};

use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    store::{self, deployment_log::DeploymentLog},
};

/// Segments deleted per transaction.
const STEP: i64 = 64;

/// Deletes all lines of a runner's deployment, in short transactions.
pub async fn purge(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let found = store::deployment_log::of_runner(&app.db, runner_id, deployment_id).await?;
    let Some(log) = found else {
        return Ok(());
    };
    while step(app, &log).await? {}
    Ok(())
}

/// Deletes the oldest segments; true if any existed.
///
/// A log without segments is deleted itself.
async fn step(app: &App, log: &DeploymentLog) -> Result<bool, AppError> {
    let oldest = store::log_segment::oldest(&app.db, log, STEP).await?;
    app.db
        .write(async |tx| {
            let Some(log) = store::deployment_log::lock(tx, log).await? else {
                return Ok(Abandon(false));
            };
            match oldest.last() {
                Some(last) => {
                    let span = (i64::MIN, last.last_position);
                    store::log_segment::delete(tx, &log, span).await?;
                }
                None => store::deployment_log::delete(tx, &log).await?,
            }
            Ok(Commit(oldest.last().is_some()))
        })
        .await
}
