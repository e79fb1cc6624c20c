//! What runners saw.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{Instance, LastError},
    time::Timestamp,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{StoreError, Tx, fetch_all, fetch_optional, statements};

statements! {
    // The sub-query is the tenant check, a runner reports only about deployments that are its own, and
    // the fence: what an older link still brings may be older than what a newer one has told.
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
    /// The link's epoch.
    pub epoch: i64,
}

/// A runner's view of a deployment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// The generation that it has worked on.
    pub generation: i64,
    /// Every instance.
    pub instances: &'a [Instance],
    /// The last error.
    pub error: Option<&'a LastError>,
}

/// Keeps what a runner saw of one of its deployments; gives the workspace of that, and nothing when
/// it is not one or the link not the runner's newest.
///
/// # Errors
/// Those of the database.
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

/// The deployments of which a runner has ever seen something.
///
/// # Errors
/// Those of the database.
pub async fn of_runner(tx: &mut Tx, runner_id: RunnerId) -> Result<Vec<DeploymentId>, StoreError> {
    let rows = fetch_all!(tx, (Uuid,), OF_RUNNER, runner_id.uuid())?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}
