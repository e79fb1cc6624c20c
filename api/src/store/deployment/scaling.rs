//! Instance counts of autoscaled deployments.

use models::{DeploymentId, WorkspaceId, time::Timestamp};
use uuid::Uuid;

use super::LockedDeployment;
use crate::db::{Db, StoreError, Tx, execute, fetch_all, is_under_way, statements};

statements! {
    AUTOSCALED = concat!(
                 "SELECT d.deployment_id, d.workspace_id
                  FROM deployment d JOIN runner r ON r.runner_id = d.runner_id
                  WHERE d.is_scaled = 1 AND d.desired = 'running' AND r.link_expires_at > $1
                    AND NOT EXISTS
                        (SELECT 1 FROM release l WHERE l.deployment_id = d.deployment_id AND ",
                 is_under_way!("l.phase"),
                 ") ORDER BY d.deployment_id"
    );
    SET = "UPDATE deployment SET scaled_to = $2 WHERE deployment_id = $1";
}

/// Lists the deployments that autoscaling may change now.
///
/// These are the autoscaled deployments that should run, whose runner is linked, and that have
/// no rollout under way.
///
/// # Errors
/// Database errors.
pub async fn autoscaled(
    db: &Db,
    now: Timestamp,
) -> Result<Vec<(DeploymentId, WorkspaceId)>, StoreError> {
    let rows = fetch_all!(db, (Uuid, Uuid), AUTOSCALED, now.micros())?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(deployment, workspace)| (deployment.into(), workspace.into()))
        .collect())
}

/// Sets the instance count of a deployment.
///
/// # Errors
/// Database errors.
pub async fn set(tx: &mut Tx, deployment: &LockedDeployment, count: u16) -> Result<(), StoreError> {
    let id = deployment.deployment_id().uuid();
    execute!(tx, SET, id, i64::from(count))?;
    Ok(())
}
