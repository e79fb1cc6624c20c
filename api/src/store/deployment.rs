//! Deployments and their desired state.

mod row;
pub mod scaling;

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{DesiredState, Spec},
    time::Timestamp,
};
use sqlx::types::Json;
use uuid::Uuid;

use self::row::desired_name;
pub use self::row::{Deployment, Listed, LockedDeployment, NewDeployment};
use super::{Behind, Rows, Within, observation::Reporter, release::Release};
use crate::db::{
    Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

/// Selects deployments for lists, each with the phase of its newest release.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT d.deployment_id, d.name, d.desired, d.spec, d.updated_at, l.phase,
                    e.environment_id, e.name AS environment_name, p.project_id,
                    p.name AS project_name,
                    r.name AS runner_name, r.link_expires_at, r.seen_at,
                    o.instances, o.error, o.observed_at
             FROM deployment d
             JOIN environment e ON e.environment_id = d.environment_id
             JOIN project p ON p.project_id = e.project_id
             JOIN runner r ON r.runner_id = d.runner_id
             LEFT JOIN observation o ON o.deployment_id = d.deployment_id
             LEFT JOIN release l ON l.deployment_id = d.deployment_id
                                AND l.number = d.next_release_number - 1 ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO deployment
              (deployment_id, workspace_id, environment_id, name, runner_id, desired, generation,
               spec, sealed_fields, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $9)";
    FIND = "SELECT d.deployment_id, d.workspace_id, d.name, d.runner_id, d.desired, d.generation,
                   d.spec, d.sealed_fields, d.live_release_id, d.scaled_to,
                   v.spec AS live_spec, d.next_release_number, d.created_at, d.updated_at,
                   e.environment_id, e.name AS environment_name, p.project_id,
                   p.name AS project_name,
                   r.name AS runner_name, r.link_expires_at, r.seen_at,
                   o.instances, o.error, o.observed_at
            FROM deployment d
            JOIN environment e ON e.environment_id = d.environment_id
            JOIN project p ON p.project_id = e.project_id
            JOIN runner r ON r.runner_id = d.runner_id
            LEFT JOIN observation o ON o.deployment_id = d.deployment_id
            LEFT JOIN release v ON v.release_id = d.live_release_id
            WHERE d.workspace_id = $1 AND d.deployment_id = $2";
    LIST = select!("WHERE d.workspace_id = $1 AND (d.name, d.deployment_id) > ($2, $3)
                      AND (e.project_id = $4 OR $4 IS NULL)
                      AND (e.environment_id = $5 OR $5 IS NULL)
                    ORDER BY d.name, d.deployment_id LIMIT $6");
    LIST_ON = select!("WHERE d.workspace_id = $1 AND d.runner_id = $2
                         AND (d.name, d.deployment_id) > ($3, $4)
                       ORDER BY d.name, d.deployment_id LIMIT $5");
    COUNT = "SELECT COUNT(*)
             FROM deployment d JOIN environment e ON e.environment_id = d.environment_id
             WHERE d.workspace_id = $1 AND (e.project_id = $2 OR $2 IS NULL)
               AND (e.environment_id = $3 OR $3 IS NULL)";
    COUNT_ON = "SELECT COUNT(*) FROM deployment WHERE workspace_id = $1 AND runner_id = $2";
    LOCK = "UPDATE deployment SET generation = generation
            WHERE workspace_id = $1 AND deployment_id = $2
            RETURNING deployment_id";
    // Autoscaling starts again from the minimum when a deployment starts again.
    SET_DESIRED = "UPDATE deployment
                   SET desired = $2, generation = generation + 1, updated_at = $3,
                       scaled_to = CASE WHEN $2 = 'running' THEN scaled_to ELSE NULL END
                   WHERE deployment_id = $1";
    SET_SPEC = "UPDATE deployment SET spec = $2, sealed_fields = $3, updated_at = $4
                WHERE deployment_id = $1";
    NEXT_GENERATION = "UPDATE deployment SET generation = generation + 1 WHERE deployment_id = $1";
    TAKE_RELEASE_NUMBER = "UPDATE deployment SET next_release_number = next_release_number + 1
                           WHERE deployment_id = $1 RETURNING next_release_number - 1";
    SET_LIVE = "UPDATE deployment SET live_release_id = $2, is_scaled = $3, scaled_to = $4
                WHERE deployment_id = $1";
    DELETE = "DELETE FROM deployment WHERE deployment_id = $1";
    DELETE_REMOVED = "DELETE FROM deployment
                      WHERE deployment_id = $1 AND runner_id = $2 AND desired = 'deleted'
                        AND generation <= $3
                      RETURNING workspace_id";
    IS_REMOVED = "SELECT deployment_id FROM deployment
                  WHERE deployment_id = $1 AND runner_id = $2 AND desired = 'deleted'
                    AND generation <= $3";
    OF_RUNNER = "SELECT deployment_id, workspace_id FROM deployment WHERE runner_id = $1
                 ORDER BY deployment_id";
    LOCATE = "SELECT workspace_id FROM deployment WHERE deployment_id = $1 AND runner_id = $2";
    LOCK_REPORTED = "UPDATE deployment SET generation = generation
                     WHERE deployment_id = $1 AND runner_id = $2
                       AND EXISTS (SELECT 1 FROM runner r
                                   WHERE r.runner_id = $2 AND r.link_epoch = $3)
                     RETURNING workspace_id";
}

/// Inserts a deployment with generation 1, and returns its row.
///
/// # Errors
/// [`crate::db::Constraint::DeploymentName`] when another deployment has the name.
pub async fn insert(
    tx: &mut Tx,
    deployment: NewDeployment<'_>,
) -> Result<LockedDeployment, StoreError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id, deployment.deployment_id);
    execute!(
        tx,
        INSERT,
        deployment_id.uuid(),
        workspace_id.uuid(),
        deployment.environment_id.uuid(),
        deployment.name.as_str(),
        deployment.runner_id.uuid(),
        desired_name(deployment.desired),
        Json(deployment.spec),
        deployment.sealed_fields,
        deployment.at.micros(),
    )?;
    let row = find(tx, workspace_id, deployment_id).await?;
    Ok(LockedDeployment(row))
}

/// Finds a deployment of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such deployment.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, StoreError> {
    let mut source = source.into();
    fetch_one!(
        source,
        Deployment,
        FIND,
        workspace_id.uuid(),
        deployment_id.uuid(),
    )
}

/// Finds a deployment like [`find`], and locks its row until the transaction ends.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such deployment.
pub async fn find_locked(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<LockedDeployment, StoreError> {
    fetch_one!(tx, (Uuid,), LOCK, workspace_id.uuid(), deployment_id.uuid(),)?;
    let row = find(tx, workspace_id, deployment_id).await?;
    Ok(LockedDeployment(row))
}

/// Lists a workspace's deployments by name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    within: Within,
    behind: Behind<'_>,
    limit: i64,
) -> Result<Rows<Listed>, StoreError> {
    let workspace_id = workspace_id.uuid();
    let (project, environment) = within.uuids();
    let Behind { name, id } = behind;
    let rows = fetch_all!(
        snapshot,
        Listed,
        LIST,
        workspace_id,
        name,
        id,
        project,
        environment,
        limit
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id, project, environment)?;
    Ok(Rows { rows, total })
}

/// Lists deployments like [`list`], of one runner only.
///
/// # Errors
/// Database errors.
pub async fn list_on(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    behind: Behind<'_>,
    limit: i64,
) -> Result<Rows<Listed>, StoreError> {
    let (workspace_id, runner_id) = (workspace_id.uuid(), runner_id.uuid());
    let Behind { name, id } = behind;
    let rows = fetch_all!(
        snapshot,
        Listed,
        LIST_ON,
        workspace_id,
        runner_id,
        name,
        id,
        limit
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT_ON, workspace_id, runner_id)?;
    Ok(Rows { rows, total })
}

/// Changes the desired state and increments the generation.
///
/// # Errors
/// Database errors.
pub async fn set_desired(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    desired: DesiredState,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_DESIRED,
        deployment.deployment_id().uuid(),
        desired_name(desired),
        at.micros(),
    )?;
    Ok(())
}

/// Replaces the specification for the next release.
///
/// # Errors
/// Database errors.
pub async fn set_spec(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    spec: &Spec,
    sealed_fields: &[u8],
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_SPEC,
        deployment.deployment_id().uuid(),
        Json(spec),
        sealed_fields,
        at.micros(),
    )?;
    Ok(())
}

/// Increments the generation, so that the runner reconciles again.
///
/// # Errors
/// Database errors.
pub async fn next_generation(tx: &mut Tx, deployment: &LockedDeployment) -> Result<(), StoreError> {
    execute!(tx, NEXT_GENERATION, deployment.deployment_id().uuid())?;
    Ok(())
}

/// Takes the next release number of a deployment.
///
/// # Errors
/// Database errors.
pub async fn take_release_number(
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<i64, StoreError> {
    let id = deployment.deployment_id().uuid();
    fetch_one!(tx, (i64,), TAKE_RELEASE_NUMBER, id).map(|(number,)| number)
}

/// Makes a release live and keeps the autoscaled instance count.
///
/// The count is clamped to the range of the new release, and dropped if that release is not
/// autoscaled.
///
/// # Errors
/// Database errors.
pub async fn set_live(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release: &Release,
) -> Result<(), StoreError> {
    let spec = release.spec();
    let scaled_to = deployment.scaled_to().filter(|_| spec.is_scaled());
    let scaled_to = scaled_to.map(|count| spec.clamp_instances(Some(count)));
    execute!(
        tx,
        SET_LIVE,
        deployment.deployment_id().uuid(),
        release.release_id().uuid(),
        i64::from(spec.is_scaled()),
        scaled_to.map(i64::from),
    )?;
    Ok(())
}

/// Deletes a deployment that never ran on any runner.
///
/// # Errors
/// Database errors.
pub async fn delete(tx: &mut Tx, deployment: &LockedDeployment) -> Result<(), StoreError> {
    execute!(tx, DELETE, deployment.deployment_id().uuid())?;
    Ok(())
}

/// True if a deployment may be deleted once its runner reports it as removed.
///
/// Its desired state must be `deleted`, with a generation no newer than the reported one.
///
/// # Errors
/// Database errors.
pub async fn is_removed(
    source: impl Into<Source<'_>>,
    deployment_id: DeploymentId,
    runner_id: RunnerId,
    generation: i64,
) -> Result<bool, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(
        source,
        (Uuid,),
        IS_REMOVED,
        deployment_id.uuid(),
        runner_id.uuid(),
        generation,
    )?;
    Ok(row.is_some())
}

/// Deletes a deployment that its runner reported as removed; returns its workspace.
///
/// Nothing is deleted unless [`is_removed`] holds.
///
/// # Errors
/// Database errors.
pub async fn delete_removed(
    tx: &mut Tx,
    deployment_id: DeploymentId,
    runner_id: RunnerId,
    generation: i64,
) -> Result<Option<WorkspaceId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        DELETE_REMOVED,
        deployment_id.uuid(),
        runner_id.uuid(),
        generation,
    )?;
    Ok(row.map(|(id,)| id.into()))
}

/// Lists every deployment of a runner, each with its workspace.
///
/// # Errors
/// Database errors.
pub async fn of_runner(
    source: impl Into<Source<'_>>,
    runner_id: RunnerId,
) -> Result<Vec<(DeploymentId, WorkspaceId)>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(source, (Uuid, Uuid), OF_RUNNER, runner_id.uuid())?;
    Ok(rows
        .into_iter()
        .map(|(deployment, workspace)| (deployment.into(), workspace.into()))
        .collect())
}

/// Returns the workspace of a deployment; `None` if another runner has it.
///
/// # Errors
/// Database errors.
pub async fn locate(
    source: impl Into<Source<'_>>,
    deployment_id: DeploymentId,
    runner_id: RunnerId,
) -> Result<Option<WorkspaceId>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(
        source,
        (Uuid,),
        LOCATE,
        deployment_id.uuid(),
        runner_id.uuid(),
    )?;
    Ok(row.map(|(id,)| id.into()))
}

/// Locks a runner's deployment until the transaction ends, for a report on it.
///
/// Returns `None` when the deployment is not the runner's, or the link is not the runner's
/// newest.
///
/// # Errors
/// Database errors.
pub async fn lock_reported(
    tx: &mut Tx,
    deployment_id: DeploymentId,
    reporter: Reporter,
) -> Result<Option<LockedDeployment>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        LOCK_REPORTED,
        deployment_id.uuid(),
        reporter.runner_id.uuid(),
        reporter.epoch,
    )?;
    let Some((workspace_id,)) = row else {
        return Ok(None);
    };
    let row = find(tx, workspace_id.into(), deployment_id).await?;
    Ok(Some(LockedDeployment(row)))
}
