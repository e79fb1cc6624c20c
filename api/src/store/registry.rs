//! Registry credentials with sealed passwords, and the deployments that use them.

use models::{
    DeploymentId, RegistryId, RunnerId, WorkspaceId,
    registry::{Registry, RegistryUser},
    time::Timestamp,
    value::{ImageReference, RegistryHost, RegistryUserName, ResourceName},
};
use uuid::Uuid;

use super::Rows;
use crate::db::{
    OneState, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    is_under_way, statements,
};

statements! {
    INSERT = "INSERT INTO registry
              (registry_id, workspace_id, host, user_name, sealed_password, created_at, updated_at)
              VALUES ($1, $2, $3, $4, $5, $6, $6)";
    FIND = "SELECT registry_id, workspace_id, host, user_name, created_at, updated_at
            FROM registry WHERE workspace_id = $1 AND registry_id = $2";
    LIST = "SELECT registry_id, workspace_id, host, user_name, created_at, updated_at
            FROM registry WHERE workspace_id = $1 AND host > $2 ORDER BY host LIMIT $3";
    COUNT = "SELECT COUNT(*) FROM registry WHERE workspace_id = $1";
    OF_HOST = "SELECT registry_id, user_name, sealed_password
               FROM registry WHERE workspace_id = $1 AND host = $2";
    UPDATE = "UPDATE registry
              SET user_name = COALESCE($3, user_name),
                  sealed_password = COALESCE($4, sealed_password), updated_at = $5
              WHERE workspace_id = $1 AND registry_id = $2 RETURNING host";
    DELETE = "DELETE FROM registry WHERE workspace_id = $1 AND registry_id = $2 RETURNING host";
    IMAGES = "SELECT deployment_id, name, spec ->> 'image'
              FROM deployment WHERE workspace_id = $1 ORDER BY name";
    USED_IMAGES = concat!(
                  "SELECT d.deployment_id, d.runner_id, l.spec ->> 'image'
                   FROM deployment d JOIN release l ON l.release_id = d.live_release_id
                   WHERE d.workspace_id = $1
                   UNION
                   SELECT d.deployment_id, d.runner_id, l.spec ->> 'image'
                   FROM deployment d JOIN release l ON l.deployment_id = d.deployment_id
                   WHERE d.workspace_id = $1 AND ",
                  is_under_way!("l.phase"),
                  " UNION
                   SELECT d.deployment_id, d.runner_id, w.image
                   FROM deployment d JOIN tag_watch w ON w.deployment_id = d.deployment_id
                   WHERE d.workspace_id = $1 AND w.is_on = 1"
    );
}

#[derive(sqlx::FromRow)]
struct Row {
    registry_id: Uuid,
    workspace_id: Uuid,
    host: String,
    user_name: String,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    /// Converts the row, with the deployments that pull from this registry.
    fn read(self, images: &[RegistryUser]) -> Registry {
        let host = RegistryHost::from(self.host);
        let used_by = images.iter().filter(|user| user.image.registry() == host);
        Registry {
            registry_id: self.registry_id.into(),
            workspace_id: self.workspace_id.into(),
            used_by: used_by.cloned().collect(),
            host,
            user_name: RegistryUserName::trusted(self.user_name),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        }
    }
}

/// A registry to insert.
#[derive(Clone, Copy)]
pub struct NewRegistry<'a> {
    /// Id of the registry.
    pub registry_id: RegistryId,
    /// Workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Host of the registry.
    pub host: &'a RegistryHost,
    /// User name for pulls.
    pub user_name: &'a RegistryUserName,
    /// Password, sealed.
    pub sealed_password: &'a [u8],
    /// Creation time.
    pub at: Timestamp,
}

/// Inserts a registry.
///
/// # Errors
/// [`crate::db::Constraint::RegistryHost`] when the workspace already has the host.
pub async fn insert(tx: &mut Tx, registry: NewRegistry<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        registry.registry_id.uuid(),
        registry.workspace_id.uuid(),
        registry.host.as_str(),
        registry.user_name.as_str(),
        registry.sealed_password,
        registry.at.micros(),
    )?;
    Ok(())
}

/// Finds a registry of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such registry.
pub async fn find(
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
) -> Result<Registry, StoreError> {
    let mut source = source.into();
    let row = fetch_one!(source, Row, FIND, workspace_id.uuid(), registry_id.uuid())?;
    let images = images(source, workspace_id).await?;
    Ok(row.read(&images))
}

/// Lists a workspace's registries by host, starting after a given host.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    behind: &str,
    limit: i64,
) -> Result<Rows<Registry>, StoreError> {
    let found = fetch_all!(snapshot, Row, LIST, workspace_id.uuid(), behind, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id.uuid())?;
    let images = images(snapshot, workspace_id).await?;
    let rows = found.into_iter().map(|row| row.read(&images)).collect();
    Ok(Rows { rows, total })
}

/// Lists the images in the specifications of a workspace's deployments.
///
/// The registry of an image follows from a rule of [`ImageReference`], not of the database.
async fn images(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
) -> Result<Vec<RegistryUser>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(source, (Uuid, String, String), IMAGES, workspace_id.uuid())?;
    let users = rows
        .into_iter()
        .map(|(deployment, name, image)| RegistryUser {
            deployment_id: deployment.into(),
            name: ResourceName::trusted(name),
            image: ImageReference::trusted(image),
        });
    Ok(users.collect())
}

/// A workspace's credentials for a registry.
#[derive(sqlx::FromRow)]
pub struct Credentials {
    registry_id: Uuid,
    user_name: String,
    /// Password, sealed.
    pub sealed_password: Vec<u8>,
}

impl Credentials {
    /// Returns the registry's id.
    pub fn registry_id(&self) -> RegistryId {
        self.registry_id.into()
    }

    /// Returns the user name for pulls.
    pub fn user_name(&self) -> RegistryUserName {
        RegistryUserName::trusted(self.user_name.clone())
    }
}

/// Finds a workspace's credentials for a registry host.
///
/// # Errors
/// Database errors.
pub async fn of_host(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    host: &RegistryHost,
) -> Result<Option<Credentials>, StoreError> {
    let mut source = source.into();
    fetch_optional!(
        source,
        Credentials,
        OF_HOST,
        workspace_id.uuid(),
        host.as_str(),
    )
}

/// Replaces the given fields; returns the host if the workspace has the registry.
///
/// # Errors
/// Database errors.
pub async fn update(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
    user_name: Option<&RegistryUserName>,
    sealed_password: Option<&[u8]>,
    at: Timestamp,
) -> Result<Option<RegistryHost>, StoreError> {
    let found = fetch_optional!(
        tx,
        (String,),
        UPDATE,
        workspace_id.uuid(),
        registry_id.uuid(),
        user_name.map(RegistryUserName::as_str),
        sealed_password,
        at.micros(),
    )?;
    Ok(found.map(|(host,)| host.into()))
}

/// Deletes a registry; returns its host if the workspace had it.
///
/// # Errors
/// Database errors.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
) -> Result<Option<RegistryHost>, StoreError> {
    let found = fetch_optional!(
        tx,
        (String,),
        DELETE,
        workspace_id.uuid(),
        registry_id.uuid(),
    )?;
    Ok(found.map(|(host,)| host.into()))
}

/// Lists the deployments whose runners know an image from this registry.
///
/// Counts the images of the live release, of the release under way, and of a watched tag.
///
/// # Errors
/// Database errors.
pub async fn deployments_using(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    host: &RegistryHost,
) -> Result<Vec<(DeploymentId, RunnerId)>, StoreError> {
    let rows = fetch_all!(tx, (Uuid, Uuid, String), USED_IMAGES, workspace_id.uuid())?;
    let affected = rows.into_iter().filter_map(|(deployment, runner, image)| {
        let is_from_there = ImageReference::trusted(image).registry() == *host;
        is_from_there.then(|| (deployment.into(), runner.into()))
    });
    Ok(affected.collect())
}
