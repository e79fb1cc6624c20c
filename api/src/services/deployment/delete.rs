//! Deletion of deployments.
//!
//! A person requests it, the runner reports that nothing is left, then the server deletes its
//! records.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{Deployment, DesiredState},
};

use super::{change::Change, changed};
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    jobs::Job,
    services::{Redactable, log, run, stats},
    store,
};

/// Requests the deletion of a deployment.
///
/// A deployment without any release is gone at once. Any other is gone once its runner reports
/// that nothing is left.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    app.db
        .write(async |tx| {
            let mut change = Change::lock(app, tx, workspace_id, deployment_id).await?;
            if change.row.desired()? != DesiredState::Deleted {
                change.cancel_under_way().await?;
                run::cancel_all(app, change.tx, &change.row).await?;
                change.set_desired(DesiredState::Deleted).await?;
            }
            let newest = store::release::newest(&mut *change.tx, &change.row).await?;
            if newest.is_some() {
                change.finish().await?;
                return Ok(Commit(change.read().await?));
            }
            let deployment = change.read().await?;
            store::deployment::delete(change.tx, &change.row).await?;
            // Nothing of it runs, but the runner may know the deployment.
            change.notify().await?;
            Ok(Commit(deployment))
        })
        .await
}

/// Enqueues the final deletion, after its runner reported that nothing is left.
pub async fn removed(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            if !store::deployment::is_removed(&mut *tx, deployment_id, runner_id, generation)
                .await?
            {
                return Ok(Abandon(()));
            }
            let job = Job::PurgeDeployment {
                deployment_id,
                runner_id,
                generation,
            };
            app.jobs.enqueue(tx, &job).await?;
            Ok(Commit(()))
        })
        .await
}

/// Deletes the records of a removed deployment.
///
/// First logs and stats, which may be large, in short transactions that block nobody; then the
/// rest at once.
pub async fn purge(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<(), AppError> {
    if !store::deployment::is_removed(&app.db, deployment_id, runner_id, generation).await? {
        return Ok(());
    }
    log::purge(app, runner_id, deployment_id).await?;
    stats::purge(app, runner_id, deployment_id).await?;
    app.db
        .write(async |tx| {
            let deleted =
                store::deployment::delete_removed(tx, deployment_id, runner_id, generation).await?;
            let Some(workspace_id) = deleted else {
                return Ok(Abandon(()));
            };
            changed(app, tx, workspace_id, deployment_id);
            Ok(Commit(()))
        })
        .await
}
