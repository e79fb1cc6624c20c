//! What runners saw.

use models::{DeploymentId, RunnerId, deployment::Instance, time::Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{StoreError, Tx, execute, fetch_all, statements};

statements! {
    // The sub-query is the tenant check, a runner reports only about deployments that are its own, and
    // the fence: what an older link still brings may be older than what a newer one has told.
    PUT = "INSERT INTO observation (deployment_id, generation, instances, observed_at)
           SELECT d.deployment_id, $4, $5, $6 FROM deployment d
           JOIN runner r ON r.runner_id = d.runner_id
           WHERE d.deployment_id = $1 AND d.runner_id = $2 AND r.link_epoch = $3
           ON CONFLICT (deployment_id) DO UPDATE
           SET generation = excluded.generation, instances = excluded.instances,
               observed_at = excluded.observed_at";
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

/// Keeps what a runner saw of one of its deployments; says whether it is one, and the link the
/// runner's newest.
///
/// # Errors
/// Those of the database.
pub async fn put(
    tx: &mut Tx,
    reporter: Reporter,
    deployment_id: DeploymentId,
    generation: i64,
    instances: &[Instance],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        PUT,
        deployment_id.uuid(),
        reporter.runner_id.uuid(),
        reporter.epoch,
        generation,
        Json(instances),
        at.micros(),
    )?;
    Ok(changed > 0)
}

/// The deployments of which a runner has ever seen something.
///
/// # Errors
/// Those of the database.
pub async fn of_runner(tx: &mut Tx, runner_id: RunnerId) -> Result<Vec<DeploymentId>, StoreError> {
    let rows = fetch_all!(tx, (Uuid,), OF_RUNNER, runner_id.uuid())?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}
