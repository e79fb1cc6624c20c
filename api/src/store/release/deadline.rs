//! Deadlines of releases' phases.

use models::{DeploymentId, ReleaseId, WorkspaceId, time::Timestamp};
use uuid::Uuid;

use crate::{
    db::{Db, StoreError, Tx, execute, fetch_all, statements},
    store::deployment::LockedDeployment,
};

statements! {
    POSTPONE = "UPDATE release SET deadline_at = $3 WHERE deployment_id = $1 AND release_id = $2";
    OVERDUE = "SELECT l.release_id, l.deployment_id, d.workspace_id
               FROM release l JOIN deployment d ON d.deployment_id = l.deployment_id
               WHERE l.deadline_at <= $1 ORDER BY l.deadline_at LIMIT 100";
}

/// A release past the deadline of its phase.
#[derive(Clone, Copy, Debug)]
pub struct Overdue {
    /// The release.
    pub release_id: ReleaseId,
    /// The release's deployment.
    pub deployment_id: DeploymentId,
    /// Workspace that owns the deployment.
    pub workspace_id: WorkspaceId,
}

/// Extends the deadline of a release's phase.
///
/// # Errors
/// Database errors.
pub async fn postpone(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release_id: ReleaseId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    execute!(
        tx,
        POSTPONE,
        deployment_id,
        release_id.uuid(),
        until.micros()
    )?;
    Ok(())
}

/// Lists releases past the deadline of their phase, up to 100 at a time.
///
/// # Errors
/// Database errors.
pub async fn overdue(db: &Db, now: Timestamp) -> Result<Vec<Overdue>, StoreError> {
    let rows = fetch_all!(db, (Uuid, Uuid, Uuid), OVERDUE, now.micros())?;
    let rows = rows.into_iter();
    let overdue = rows.map(|(release, deployment, workspace)| Overdue {
        release_id: release.into(),
        deployment_id: deployment.into(),
        workspace_id: workspace.into(),
    });
    Ok(overdue.collect())
}
