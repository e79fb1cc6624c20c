//! Observed states that runners report, one per deployment.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{Instance, LastError},
    time::Timestamp,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{StoreError, Tx, fetch_all, fetch_optional, statements};

statements! {
    // The subquery is the tenant check, because runners report only on their own deployments.
    // It is also the fence: a report over an older link may be older than the stored one.
    PUT = "INSERT INTO observation (deployment_id, generation, instances, error, observed_at)
           SELECT d.deployment_id, $4, $5, $6, $7 FROM deployment d
           JOIN runner r ON r.runner_id = d.runner_id
           WHERE d.deployment_id = $1 AND d.runner_id = $2 AND r.link_epoch = $3
           ON CONFLICT (deployment_id) DO UPDATE
           SET generation = excluded.generation, instances = excluded.instances,
               error = excluded.error, observed_at = excluded.observed_at
           RETURNING (SELECT d.workspace_id FROM deployment d
                      WHERE d.deployment_id = observation.deployment_id)";
    OF_RUNNER = "SELECT o.deployment_id FROM observation o
                 JOIN deployment d ON d.deployment_id = o.deployment_id
                 WHERE d.runner_id = $1";
}

/// The link over which a runner reports.
#[derive(Clone, Copy, Debug)]
pub struct Reporter {
    /// The runner.
    pub runner_id: RunnerId,
    /// Epoch of the link.
    pub epoch: i64,
}

/// A runner's report on a deployment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// Generation that the runner has reconciled.
    pub generation: i64,
    /// All instances.
    pub instances: &'a [Instance],
    /// The last error.
    pub error: Option<&'a LastError>,
}

/// Stores a report on a deployment and returns the deployment's workspace.
///
/// Returns `None` when the deployment is not the runner's, or the link is not the runner's
/// newest.
///
/// # Errors
/// Database errors.
pub async fn put(
    tx: &mut Tx,
    reporter: Reporter,
    deployment_id: DeploymentId,
    seen: Seen<'_>,
    at: Timestamp,
) -> Result<Option<WorkspaceId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        PUT,
        deployment_id.uuid(),
        reporter.runner_id.uuid(),
        reporter.epoch,
        seen.generation,
        Json(seen.instances),
        seen.error.map(Json),
        at.micros(),
    )?;
    Ok(row.map(|(id,)| id.into()))
}

/// Lists the deployments of a runner that have an observed state.
///
/// # Errors
/// Database errors.
pub async fn of_runner(tx: &mut Tx, runner_id: RunnerId) -> Result<Vec<DeploymentId>, StoreError> {
    let rows = fetch_all!(tx, (Uuid,), OF_RUNNER, runner_id.uuid())?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}
