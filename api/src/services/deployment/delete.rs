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
    error::AppError,
    jobs::Job,
    services::{Redactable, log, stats},
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
    let mut change = Change::begin_even_if_deleted(app, workspace_id, deployment_id).await?;
    if change.row.desired()? != DesiredState::Deleted {
        change.cancel_under_way().await?;
        change.set_desired(DesiredState::Deleted).await?;
    }
    if store::release::newest(&mut change.tx, deployment_id)
        .await?
        .is_some()
    {
        return change.commit().await;
    }
    let deployment = change.read().await?;
    store::deployment::delete(&mut change.tx, deployment_id).await?;
    // Nothing of it runs, but the runner may know the deployment.
    change.notify_runner().await?;
    change.tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(deployment)
}

/// Enqueues the final deletion, after its runner reported that nothing is left.
pub async fn removed(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    if store::deployment::is_removed(&mut tx, deployment_id, runner_id, generation).await? {
        let job = Job::PurgeDeployment {
            deployment_id,
            runner_id,
            generation,
        };
        app.jobs.enqueue(&mut tx, &job).await?;
    }
    Ok(tx.commit().await?)
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
    let mut tx = app.db.begin().await?;
    let is_removed =
        store::deployment::is_removed(&mut tx, deployment_id, runner_id, generation).await?;
    tx.rollback().await?;
    if !is_removed {
        return Ok(());
    }
    log::purge(app, deployment_id).await?;
    stats::purge(app, deployment_id).await?;
    let mut tx = app.db.begin().await?;
    let workspace_id =
        store::deployment::delete_removed(&mut tx, deployment_id, runner_id, generation).await?;
    tx.commit().await?;
    if let Some(workspace_id) = workspace_id {
        changed(app, workspace_id, deployment_id);
    }
    Ok(())
}
