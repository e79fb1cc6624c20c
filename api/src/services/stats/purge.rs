//! Deletion of all stats of a deleted deployment.

use models::{DeploymentId, RunnerId};

use crate::{app::App, db::Commit, error::AppError, store};

/// Samples or rollups deleted per transaction.
const STEP: i64 = 4_000;

/// Deletes all samples and rollups of a runner's deployment, in short transactions.
///
/// Its series are deleted with the deployment.
pub async fn purge(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    loop {
        let purging = app.db.write(async |tx| {
            let samples = store::stats_sample::purge(tx, runner_id, deployment_id, STEP).await?;
            let rollups = store::stats_rollup::purge(tx, runner_id, deployment_id, STEP).await?;
            Ok::<_, AppError>(Commit(samples + rollups))
        });
        if purging.await? == 0 {
            return Ok(());
        }
    }
}
