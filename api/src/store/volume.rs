//! Volumes, and the deployment that each is attached to.

mod loss;
mod removal;

use models::{
    EnvironmentId, RunnerId, VolumeId, WorkspaceId,
    deployment::{Failure, VolumeMount},
    time::Timestamp,
    value::{ContainerPath, ResourceName},
    volume::{Attachment, Trash, Volume, VolumeSize},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{Behind, Rows, Within, deployment::LockedDeployment, environment, runner::LinkState};
use crate::db::{Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, statements};

/// Selects volumes, each with its runner's name and its deployment.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT v.volume_id, v.workspace_id, e.environment_id, e.name AS environment_name,
                    p.project_id, p.name AS project_name, v.name, v.runner_id, r.name AS runner_name,
                    r.link_expires_at, v.size_bytes, v.trashed_at, v.purge_at, v.purging_at,
                    v.removal_failure, v.removal_failed_at, v.lost_at, v.created_at, v.updated_at,
                    u.deployment_id, u.path, d.name AS deployment_name
             FROM volume v
             JOIN environment e ON e.environment_id = v.environment_id
             JOIN project p ON p.project_id = e.project_id
             JOIN runner r ON r.runner_id = v.runner_id
             LEFT JOIN volume_use u ON u.volume_id = v.volume_id
             LEFT JOIN deployment d ON d.deployment_id = u.deployment_id ",
            $rest
        )
    };
}

#[cfg(test)]
pub(crate) use loss::ALL as LOSS;
pub use loss::{expected_of, give_up, is_missed, not_in_use_of, put_in_use, set_lost};
#[cfg(test)]
pub(crate) use removal::ALL as REMOVAL;
pub use removal::{
    begin_purge, delete_removed, forget, purging_on, removal_failure, set_removal_failure,
    to_remove,
};

statements! {
    INSERT = "INSERT INTO volume
              (volume_id, workspace_id, environment_id, runner_id, name, size_bytes, created_at,
               updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    FIND = select!("WHERE v.workspace_id = $1 AND v.volume_id = $2");
    LOCK = "UPDATE volume SET name = name WHERE workspace_id = $1 AND volume_id = $2
            RETURNING volume_id";
    LIST = select!("WHERE v.workspace_id = $1 AND (v.name, v.volume_id) > ($2, $3)
                      AND (e.project_id = $4 OR $4 IS NULL)
                      AND (e.environment_id = $5 OR $5 IS NULL)
                    ORDER BY v.name, v.volume_id LIMIT $6");
    COUNT = "SELECT COUNT(*)
             FROM volume v JOIN environment e ON e.environment_id = v.environment_id
             WHERE v.workspace_id = $1 AND (e.project_id = $2 OR $2 IS NULL)
               AND (e.environment_id = $3 OR $3 IS NULL)";
    LIST_ON = select!("WHERE v.workspace_id = $1 AND v.runner_id = $2
                         AND (v.name, v.volume_id) > ($3, $4)
                       ORDER BY v.name, v.volume_id LIMIT $5");
    COUNT_ON = "SELECT COUNT(*) FROM volume WHERE workspace_id = $1 AND runner_id = $2";
    CHANGE = "UPDATE volume SET name = $3, size_bytes = $4, updated_at = $5
              WHERE workspace_id = $1 AND volume_id = $2";
    SET_TRASH = "UPDATE volume SET trashed_at = $3, purge_at = $4, updated_at = $5
                 WHERE workspace_id = $1 AND volume_id = $2";
    ATTACHED_TO = "SELECT volume_id FROM volume_use WHERE deployment_id = $1";
    ATTACH = "INSERT INTO volume_use (volume_id, deployment_id, path) VALUES ($1, $2, $3)
              ON CONFLICT (volume_id) DO UPDATE SET path = excluded.path
              WHERE volume_use.deployment_id = excluded.deployment_id";
    DETACH = "DELETE FROM volume_use WHERE volume_id = $1 AND deployment_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    volume_id: Uuid,
    workspace_id: Uuid,
    #[sqlx(flatten)]
    environment: environment::Columns,
    name: String,
    runner_id: Uuid,
    runner_name: String,
    link_expires_at: Option<i64>,
    size_bytes: i64,
    trashed_at: Option<i64>,
    purge_at: Option<i64>,
    purging_at: Option<i64>,
    removal_failure: Option<Json<Failure>>,
    removal_failed_at: Option<i64>,
    lost_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
    deployment_id: Option<Uuid>,
    path: Option<String>,
    deployment_name: Option<String>,
}

impl Row {
    fn read(self, now: Timestamp) -> Volume {
        let attached = match (self.deployment_id, self.deployment_name, self.path) {
            (Some(deployment_id), Some(name), Some(path)) => Some(Attachment {
                deployment_id: deployment_id.into(),
                name: ResourceName::trusted(name),
                path: ContainerPath::trusted(path),
            }),
            _ => None,
        };
        let trash = self.trashed_at.zip(self.purge_at);
        let trash = trash.map(|(trashed_at, purge_at)| Trash {
            trashed_at: Timestamp::from_micros(trashed_at),
            purge_at: Timestamp::from_micros(purge_at),
            is_purging: self.purging_at.is_some(),
            removal_failure: removal::read(self.removal_failure, self.removal_failed_at),
        });
        Volume {
            volume_id: self.volume_id.into(),
            workspace_id: self.workspace_id.into(),
            environment: self.environment.read(),
            name: ResourceName::trusted(self.name),
            runner_id: self.runner_id.into(),
            runner_name: ResourceName::trusted(self.runner_name),
            runner_connected: LinkState::read(self.link_expires_at, None, now).is_live,
            size_bytes: VolumeSize::from_bytes(self.size_bytes.unsigned_abs()),
            attached,
            trash,
            lost_at: self.lost_at.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        }
    }
}

/// Converts a size to its column; every valid size fits.
fn bytes(size: VolumeSize) -> i64 {
    i64::try_from(size.bytes()).unwrap_or(i64::MAX)
}

/// A volume to insert.
#[derive(Clone, Copy)]
pub struct NewVolume<'a> {
    /// Id of the volume.
    pub volume_id: VolumeId,
    /// Workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// Runner that will store the data.
    pub runner_id: RunnerId,
    /// Name of the volume.
    pub name: &'a ResourceName,
    /// Intended capacity.
    pub size: VolumeSize,
    /// Creation time.
    pub at: Timestamp,
}

/// Inserts a volume.
///
/// # Errors
/// [`crate::db::Constraint::VolumeName`] when another volume has the name.
pub async fn insert(tx: &mut Tx, volume: NewVolume<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        volume.volume_id.uuid(),
        volume.workspace_id.uuid(),
        volume.environment_id.uuid(),
        volume.runner_id.uuid(),
        volume.name.as_str(),
        bytes(volume.size),
        volume.at.micros(),
    )?;
    Ok(())
}

/// Finds a volume of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such volume.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    now: Timestamp,
) -> Result<Volume, StoreError> {
    let mut source = source.into();
    let row = fetch_one!(source, Row, FIND, workspace_id.uuid(), volume_id.uuid())?;
    Ok(row.read(now))
}

/// Finds a volume like [`find`], and locks it until the transaction ends.
///
/// The lock keeps others from changing and attaching the volume.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such volume.
pub async fn find_locked(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    now: Timestamp,
) -> Result<Volume, StoreError> {
    fetch_one!(tx, (Uuid,), LOCK, workspace_id.uuid(), volume_id.uuid())?;
    find(tx, workspace_id, volume_id, now).await
}

/// Lists a workspace's volumes by name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    within: Within,
    behind: Behind<'_>,
    limit: i64,
    now: Timestamp,
) -> Result<Rows<Volume>, StoreError> {
    let workspace_id = workspace_id.uuid();
    let (project, environment) = within.uuids();
    let Behind { name, id } = behind;
    let rows = fetch_all!(
        snapshot,
        Row,
        LIST,
        workspace_id,
        name,
        id,
        project,
        environment,
        limit
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id, project, environment)?;
    let rows = rows.into_iter().map(|row| row.read(now)).collect();
    Ok(Rows { rows, total })
}

/// Lists volumes like [`list`], of one runner only.
///
/// # Errors
/// Database errors.
pub async fn list_on(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    behind: Behind<'_>,
    limit: i64,
    now: Timestamp,
) -> Result<Rows<Volume>, StoreError> {
    let (workspace_id, runner_id) = (workspace_id.uuid(), runner_id.uuid());
    let Behind { name, id } = behind;
    let rows = fetch_all!(
        snapshot,
        Row,
        LIST_ON,
        workspace_id,
        runner_id,
        name,
        id,
        limit
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT_ON, workspace_id, runner_id)?;
    let rows = rows.into_iter().map(|row| row.read(now)).collect();
    Ok(Rows { rows, total })
}

/// Renames and resizes a volume.
///
/// # Errors
/// [`crate::db::Constraint::VolumeName`] when another volume has the name.
pub async fn change(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    name: &ResourceName,
    size: VolumeSize,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        CHANGE,
        workspace_id.uuid(),
        volume_id.uuid(),
        name.as_str(),
        bytes(size),
        at.micros(),
    )?;
    Ok(())
}

/// Moves a volume to the trash until a moment, or takes it out.
///
/// # Errors
/// Database errors.
pub async fn set_trash(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_TRASH,
        workspace_id.uuid(),
        volume_id.uuid(),
        until.map(|_| at.micros()),
        until.map(Timestamp::micros),
        at.micros(),
    )?;
    Ok(())
}

/// Lists the volumes attached to a deployment.
///
/// # Errors
/// Database errors.
pub async fn attached_to(
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<Vec<VolumeId>, StoreError> {
    let id = deployment.deployment_id().uuid();
    let rows = fetch_all!(tx, (Uuid,), ATTACHED_TO, id)?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// Attaches a volume to a deployment, or changes its mount path there.
///
/// No other deployment may have the volume.
///
/// # Errors
/// Database errors.
pub async fn attach(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    mount: &VolumeMount,
) -> Result<(), StoreError> {
    execute!(
        tx,
        ATTACH,
        mount.volume_id.uuid(),
        deployment.deployment_id().uuid(),
        mount.path.as_str(),
    )?;
    Ok(())
}

/// Detaches a volume from a deployment.
///
/// # Errors
/// Database errors.
pub async fn detach(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    volume_id: VolumeId,
) -> Result<(), StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    execute!(tx, DETACH, volume_id.uuid(), deployment_id)?;
    Ok(())
}
