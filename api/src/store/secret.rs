//! Sealed secrets, and the deployments that use them.

use models::{
    SecretId, WorkspaceId,
    secret::{Secret, SecretUser},
    time::Timestamp,
    value::{ResourceName, SecretName},
};
use uuid::Uuid;

use super::{Rows, deployment::LockedDeployment};
use crate::db::{
    OneState, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};

statements! {
    INSERT = "INSERT INTO secret
              (secret_id, workspace_id, name, sealed_value, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $5)";
    FIND = "SELECT secret_id, workspace_id, name, version, created_at, updated_at
            FROM secret WHERE workspace_id = $1 AND secret_id = $2";
    LIST = "SELECT secret_id, workspace_id, name, version, created_at, updated_at
            FROM secret WHERE workspace_id = $1 AND name > $2 ORDER BY name LIMIT $3";
    COUNT = "SELECT COUNT(*) FROM secret WHERE workspace_id = $1";
    VALUE = "SELECT sealed_value FROM secret WHERE workspace_id = $1 AND secret_id = $2";
    SET_VALUE = "UPDATE secret SET sealed_value = $3, version = version + 1, updated_at = $4
                 WHERE workspace_id = $1 AND secret_id = $2";
    DELETE = "DELETE FROM secret WHERE workspace_id = $1 AND secret_id = $2";
    USERS = "SELECT d.deployment_id, d.name
             FROM secret_use u JOIN deployment d ON d.deployment_id = u.deployment_id
             WHERE u.secret_id = $1 ORDER BY d.name";
    DELETE_USES = "DELETE FROM secret_use WHERE deployment_id = $1";
    ADD_USE = "INSERT INTO secret_use (deployment_id, secret_id) VALUES ($1, $2)
               ON CONFLICT (deployment_id, secret_id) DO NOTHING";
}

#[derive(sqlx::FromRow)]
struct Row {
    secret_id: Uuid,
    workspace_id: Uuid,
    name: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    fn read(self, used_by: Vec<SecretUser>) -> Secret {
        Secret {
            secret_id: self.secret_id.into(),
            workspace_id: self.workspace_id.into(),
            name: SecretName::trusted(self.name),
            version: self.version,
            used_by,
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        }
    }
}

/// A secret to insert.
#[derive(Clone, Copy)]
pub struct NewSecret<'a> {
    /// Id of the secret.
    pub secret_id: SecretId,
    /// Workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Name of the secret.
    pub name: &'a SecretName,
    /// Value, sealed.
    pub sealed_value: &'a [u8],
    /// Creation time.
    pub at: Timestamp,
}

/// Inserts a secret.
///
/// # Errors
/// [`crate::db::Constraint::SecretName`] when another secret has the name.
pub async fn insert(tx: &mut Tx, secret: NewSecret<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        secret.secret_id.uuid(),
        secret.workspace_id.uuid(),
        secret.name.as_str(),
        secret.sealed_value,
        secret.at.micros(),
    )?;
    Ok(())
}

/// Finds a secret of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such secret.
pub async fn find(
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<Secret, StoreError> {
    let mut source = source.into();
    let row = fetch_one!(source, Row, FIND, workspace_id.uuid(), secret_id.uuid())?;
    let used_by = users(source, secret_id).await?;
    Ok(row.read(used_by))
}

/// Lists a workspace's secrets by name, starting after a given name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    behind: &str,
    limit: i64,
) -> Result<Rows<Secret>, StoreError> {
    let found = fetch_all!(snapshot, Row, LIST, workspace_id.uuid(), behind, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id.uuid())?;
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let used_by = users(&mut *snapshot, row.secret_id.into()).await?;
        rows.push(row.read(used_by));
    }
    Ok(Rows { rows, total })
}

async fn users(
    source: impl Into<Source<'_>>,
    secret_id: SecretId,
) -> Result<Vec<SecretUser>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(source, (Uuid, String), USERS, secret_id.uuid())?;
    let users = rows.into_iter().map(|(deployment, name)| SecretUser {
        deployment_id: deployment.into(),
        name: ResourceName::trusted(name),
    });
    Ok(users.collect())
}

/// Returns a secret's sealed value; `None` if the workspace has no such secret.
///
/// # Errors
/// Database errors.
pub async fn sealed_value(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut source = source.into();
    let found = fetch_optional!(
        source,
        (Vec<u8>,),
        VALUE,
        workspace_id.uuid(),
        secret_id.uuid(),
    )?;
    Ok(found.map(|(value,)| value))
}

/// Replaces a secret's value; returns true if the secret exists.
///
/// # Errors
/// Database errors.
pub async fn set_value(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
    sealed_value: &[u8],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        SET_VALUE,
        workspace_id.uuid(),
        secret_id.uuid(),
        sealed_value,
        at.micros(),
    )?;
    Ok(changed > 0)
}

/// Deletes a secret; returns true if it existed.
///
/// # Errors
/// [`crate::db::Constraint::ForeignKey`] when a deployment uses the secret.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<bool, StoreError> {
    let deleted = execute!(tx, DELETE, workspace_id.uuid(), secret_id.uuid())?;
    Ok(deleted > 0)
}

/// Records which secrets a deployment's settings reference.
///
/// # Errors
/// Database errors.
pub async fn set_uses(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    secrets: impl Iterator<Item = SecretId>,
) -> Result<(), StoreError> {
    let deployment_id = deployment.deployment_id().uuid();
    execute!(tx, DELETE_USES, deployment_id)?;
    for secret_id in secrets {
        execute!(tx, ADD_USE, deployment_id, secret_id.uuid())?;
    }
    Ok(())
}
