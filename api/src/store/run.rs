//! Runs of deployments.

mod row;

use models::{
    DeploymentId, RunId, RunnerId, UserId, WorkspaceId,
    deployment::{Failure, Progress},
    run::{RunAttempt, RunPhase},
    time::Timestamp,
    value::ImageDigest,
};
use sqlx::types::Json;
use uuid::Uuid;

pub use self::row::{NewRun, Run};
use super::{Rows, deployment::LockedDeployment};
use crate::db::{
    Db, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

/// The columns of [`Run`].
macro_rules! select {
    ($($rest:expr),+ $(,)?) => {
        concat!(
            "SELECT n.run_id, n.deployment_id, n.number, n.phase, n.deadline_at, n.ended_at,
                    n.release_id, n.spec, n.sealed_fields, n.image_digest, n.timeout_ms,
                    n.retries, n.attempts, n.progress, n.failure, n.created_by_kind,
                    n.created_by_name, n.created_at
             FROM run n ",
            $($rest),+
        )
    };
}

/// The condition for a run that has not ended.
macro_rules! is_active {
    ($phase:literal) => {
        concat!($phase, " NOT IN ('succeeded', 'failed', 'cancelled')")
    };
}

statements! {
    INSERT = "INSERT INTO run
              (run_id, deployment_id, number, phase, deadline_at, release_id, spec, sealed_fields,
               image_digest, timeout_ms, retries, attempts, created_by, created_by_kind,
               created_by_name, created_at)
              VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    NEXT_NUMBER = "SELECT COALESCE(MAX(number), 0) + 1 FROM run WHERE deployment_id = $1";
    PRUNE = concat!(
        "DELETE FROM run WHERE deployment_id = $1 AND number <= $2 AND NOT ",
        is_active!("phase")
    );
    COUNT_ACTIVE = concat!(
        "SELECT COUNT(*) FROM run WHERE deployment_id = $1 AND ",
        is_active!("phase")
    );
    OF = select!("WHERE n.deployment_id = $1 AND n.run_id = $2");
    FIND = select!(
        "JOIN deployment d ON d.deployment_id = n.deployment_id
         WHERE d.workspace_id = $1 AND n.deployment_id = $2 AND n.run_id = $3"
    );
    ACTIVE = select!(
        "WHERE n.deployment_id = $1 AND ",
        is_active!("n.phase"),
        " ORDER BY n.number"
    );
    LIST = select!(
        "JOIN deployment d ON d.deployment_id = n.deployment_id
         WHERE d.workspace_id = $1 AND n.deployment_id = $2 AND n.number < $3
         ORDER BY n.number DESC LIMIT $4"
    );
    COUNT = "SELECT COUNT(*) FROM run WHERE deployment_id = $1";
    UPDATE = concat!(
        "UPDATE run
         SET phase = $3, deadline_at = $4, ended_at = $5, attempts = $6, progress = $7,
             failure = $8, image_digest = COALESCE($9, image_digest)
         WHERE deployment_id = $1 AND run_id = $2 AND ",
        is_active!("phase")
    );
    POSTPONE = "UPDATE run SET deadline_at = $3 WHERE deployment_id = $1 AND run_id = $2";
    OVERDUE = "SELECT n.run_id, n.deployment_id, d.workspace_id
               FROM run n JOIN deployment d ON d.deployment_id = n.deployment_id
               WHERE n.deadline_at <= $1 ORDER BY n.deadline_at LIMIT 100";
    ACTIVE_OF_RUNNER = concat!(
        "SELECT n.run_id, n.deployment_id FROM run n
         JOIN deployment d ON d.deployment_id = n.deployment_id
         WHERE d.runner_id = $1 AND ",
        is_active!("n.phase"),
        " ORDER BY n.run_id"
    );
}

/// The reported state of a run.
#[derive(Clone, Debug)]
pub struct RunUpdate {
    /// The phase.
    pub phase: RunPhase,
    /// The next deadline; `None` once it ended.
    pub deadline_at: Option<Timestamp>,
    /// The time of the end; `None` until then.
    pub ended_at: Option<Timestamp>,
    /// All attempts.
    pub attempts: Vec<RunAttempt>,
    /// Progress of the phase.
    pub progress: Option<Progress>,
    /// Reason of the failure.
    pub failure: Option<Failure>,
    /// Digest of the image; `None` leaves the stored one.
    pub image_digest: Option<ImageDigest>,
}

/// Inserts a run of a deployment, in phase `queued`, and returns its number.
///
/// Ended runs that are older than the newest `keep` are deleted.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    run: NewRun<'_>,
    keep: i64,
) -> Result<i64, StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    let (number,) = fetch_one!(tx, (i64,), NEXT_NUMBER, deployment_id)?;
    execute!(
        tx,
        INSERT,
        run.run_id.uuid(),
        deployment_id,
        number,
        run.deadline_at.micros(),
        run.release_id.uuid(),
        Json(run.spec),
        run.sealed_fields,
        run.image_digest.map(|digest| digest.as_str().to_owned()),
        run.terms.timeout_ms,
        i64::from(run.terms.retries),
        Json(Vec::<RunAttempt>::new()),
        run.created_by.map(UserId::uuid),
        run.created_by_kind.name(),
        run.created_by_name,
        run.at.micros(),
    )?;
    execute!(tx, PRUNE, deployment_id, number - keep)?;
    Ok(number)
}

/// Counts the runs of a deployment that have not ended.
///
/// # Errors
/// Database errors.
pub async fn count_active(tx: &mut Tx, deployment: &LockedDeployment) -> Result<i64, StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    let (count,) = fetch_one!(tx, (i64,), COUNT_ACTIVE, deployment_id)?;
    Ok(count)
}

/// Lists the runs of a deployment that have not ended.
///
/// # Errors
/// Database errors.
pub async fn active(tx: &mut Tx, deployment: &LockedDeployment) -> Result<Vec<Run>, StoreError> {
    fetch_all!(tx, Run, ACTIVE, deployment.deployment_id().uuid())
}

/// Finds a run of a locked deployment.
///
/// # Errors
/// Database errors.
pub async fn of(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    run_id: RunId,
) -> Result<Option<Run>, StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    fetch_optional!(tx, Run, OF, deployment_id, run_id.uuid())
}

/// Finds a run of a workspace's deployment.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such run.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    run_id: RunId,
) -> Result<Run, StoreError> {
    let mut source = source.into();
    fetch_one!(
        source,
        Run,
        FIND,
        workspace_id.uuid(),
        deployment_id.uuid(),
        run_id.uuid(),
    )
}

/// Lists a deployment's runs before a number, newest first.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    before: i64,
    limit: i64,
) -> Result<Rows<Run>, StoreError> {
    let rows = fetch_all!(
        snapshot,
        Run,
        LIST,
        workspace_id.uuid(),
        deployment_id.uuid(),
        before,
        limit,
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, deployment_id.uuid())?;
    Ok(Rows { rows, total })
}

/// Stores the reported state of a run; returns true unless it had ended.
///
/// # Errors
/// Database errors.
pub async fn update(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    run_id: RunId,
    update: &RunUpdate,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        UPDATE,
        deployment.deployment_id().uuid(),
        run_id.uuid(),
        update.phase.name(),
        update.deadline_at.map(Timestamp::micros),
        update.ended_at.map(Timestamp::micros),
        Json(&update.attempts),
        update.progress.as_ref().map(Json),
        update.failure.as_ref().map(Json),
        update
            .image_digest
            .as_ref()
            .map(|digest| digest.as_str().to_owned()),
    )?;
    Ok(changed > 0)
}

/// Extends the deadline of a run.
///
/// # Errors
/// Database errors.
pub async fn postpone(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    run_id: RunId,
    until: Timestamp,
) -> Result<(), StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    execute!(tx, POSTPONE, deployment_id, run_id.uuid(), until.micros())?;
    Ok(())
}

/// Lists runs past their deadline, up to 100 at a time.
///
/// Each comes with its deployment and workspace.
///
/// # Errors
/// Database errors.
pub async fn overdue(
    db: &Db,
    now: Timestamp,
) -> Result<Vec<(RunId, DeploymentId, WorkspaceId)>, StoreError> {
    let rows = fetch_all!(db, (Uuid, Uuid, Uuid), OVERDUE, now.micros())?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(run, deployment, workspace)| (run.into(), deployment.into(), workspace.into()))
        .collect())
}

/// Lists the runs of a runner that have not ended, with their deployments.
///
/// # Errors
/// Database errors.
pub async fn active_of_runner(
    db: &Db,
    runner_id: RunnerId,
) -> Result<Vec<(RunId, DeploymentId)>, StoreError> {
    let rows = fetch_all!(db, (Uuid, Uuid), ACTIVE_OF_RUNNER, runner_id.uuid())?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(run, deployment)| (run.into(), deployment.into()))
        .collect())
}
