//! Deletion of the whole log of a deleted deployment.

use models::DeploymentId;

use crate::{app::App, db::Commit, error::AppError, store};

/// Segments deleted per transaction.
const STEP: i64 = 64;

/// Deletes all lines of a deployment, in short transactions.
pub async fn purge(app: &App, deployment_id: DeploymentId) -> Result<(), AppError> {
    loop {
        let oldest = store::log_segment::oldest(&app.db, deployment_id, STEP).await?;
        let Some(last) = oldest.last() else {
            break;
        };
        let span = (i64::MIN, last.last_position);
        app.db
            .write(async |tx| {
                store::log_segment::delete(tx, deployment_id, span).await?;
                Ok::<_, AppError>(Commit(()))
            })
            .await?;
    }
    app.db
        .write(async |tx| {
            store::deployment_log::delete(tx, deployment_id).await?;
            Ok(Commit(()))
        })
        .await
}
