//! Deletion of all stats of a deleted deployment.

use models::DeploymentId;

use crate::{app::App, error::AppError, store};

/// Samples or rollups deleted per transaction.
const STEP: i64 = 4_000;

/// Deletes all samples and rollups of a deployment, in short transactions.
///
/// Its series are deleted with the deployment.
pub async fn purge(app: &App, deployment_id: DeploymentId) -> Result<(), AppError> {
    loop {
        let mut tx = app.db.begin().await?;
        let samples = store::stats_sample::purge(&mut tx, deployment_id, STEP).await?;
        let rollups = store::stats_rollup::purge(&mut tx, deployment_id, STEP).await?;
        tx.commit().await?;
        if samples + rollups == 0 {
            return Ok(());
        }
    }
}
