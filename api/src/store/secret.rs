//! Sealed secrets, and the deployments that use them.

use models::{
    EnvironmentId, SecretId, WorkspaceId,
    secret::{Secret, SecretUser},
    time::Timestamp,
    value::{ResourceName, SecretName},
};
use uuid::Uuid;

use super::{Behind, Rows, Within, deployment::LockedDeployment, environment};
use crate::db::{
    OneState, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};

/// Selects secrets without their values, each with its environment.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT s.secret_id, s.workspace_id, e.environment_id, e.name AS environment_name,
                    p.project_id, p.name AS project_name, s.name, s.version, s.created_at,
                    s.updated_at
             FROM secret s
             JOIN environment e ON e.environment_id = s.environment_id
             JOIN project p ON p.project_id = e.project_id ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO secret
              (secret_id, workspace_id, environment_id, name, sealed_value, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $6)";
    FIND = select!("WHERE s.workspace_id = $1 AND s.secret_id = $2");
    LIST = select!("WHERE s.workspace_id = $1 AND (s.name, s.secret_id) > ($2, $3)
                      AND (e.project_id = $4 OR $4 IS NULL)
                      AND (e.environment_id = $5 OR $5 IS NULL)
                    ORDER BY s.name, s.secret_id LIMIT $6");
    COUNT = "SELECT COUNT(*)
             FROM secret s JOIN environment e ON e.environment_id = s.environment_id
             WHERE s.workspace_id = $1 AND (e.project_id = $2 OR $2 IS NULL)
               AND (e.environment_id = $3 OR $3 IS NULL)";
    IN_ENVIRONMENT = "SELECT secret_id FROM secret
                      WHERE workspace_id = $1 AND environment_id = $2 AND secret_id = $3";
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
    #[sqlx(flatten)]
    environment: environment::Columns,
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
            environment: self.environment.read(),
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
    /// Environment that it belongs to.
    pub environment_id: EnvironmentId,
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
        secret.environment_id.uuid(),
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

/// Lists a workspace's secrets by name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    within: Within,
    behind: Behind<'_>,
    limit: i64,
) -> Result<Rows<Secret>, StoreError> {
    let workspace_id = workspace_id.uuid();
    let (project, environment) = within.uuids();
    let Behind { name, id } = behind;
    let found = fetch_all!(
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
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let used_by = users(&mut *snapshot, row.secret_id.into()).await?;
        rows.push(row.read(used_by));
    }
    Ok(Rows { rows, total })
}

/// True if a secret belongs to the environment of a deployment.
///
/// # Errors
/// Database errors.
pub async fn is_beside(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    secret_id: SecretId,
) -> Result<bool, StoreError> {
    let workspace_id = deployment.workspace_id().uuid();
    let environment_id = deployment.environment_id().uuid();
    let secret_id = secret_id.uuid();
    let row = fetch_optional!(
        tx,
        (Uuid,),
        IN_ENVIRONMENT,
        workspace_id,
        environment_id,
        secret_id
    )?;
    Ok(row.is_some())
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
