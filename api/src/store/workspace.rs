//! Workspaces and their sealed data keys.

use models::{
    UserId, WorkspaceId, rbac::Role, time::Timestamp, value::ResourceName, workspace::Workspace,
};
use uuid::Uuid;

use super::{Rows, membership::parse_role};
use crate::db::{
    Db, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

statements! {
    INSERT = "INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
              VALUES ($1, $2, $3, $4)";
    FIND = "SELECT w.workspace_id, w.name, m.role, w.created_at,
                   (SELECT COUNT(*) FROM environment e WHERE e.workspace_id = w.workspace_id)
                       AS environments
            FROM workspace w JOIN membership m ON m.workspace_id = w.workspace_id
            WHERE w.workspace_id = $1 AND m.user_id = $2";
    LIST = "SELECT w.workspace_id, w.name, m.role, w.created_at,
                   (SELECT COUNT(*) FROM environment e WHERE e.workspace_id = w.workspace_id)
                       AS environments
            FROM workspace w JOIN membership m ON m.workspace_id = w.workspace_id
            WHERE m.user_id = $1 AND (w.name, w.workspace_id) > ($2, $3)
            ORDER BY w.name, w.workspace_id LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM membership WHERE user_id = $1";
    DATA_KEY = "SELECT sealed_data_key FROM workspace WHERE workspace_id = $1";
    LOCK = "UPDATE workspace SET name = name WHERE workspace_id = $1";
    OLDEST = "SELECT workspace_id FROM workspace ORDER BY created_at, workspace_id LIMIT 1";
}

#[derive(sqlx::FromRow)]
struct Row {
    workspace_id: Uuid,
    name: String,
    role: String,
    environments: i64,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<Workspace, StoreError> {
        let role = parse_role(&self.role)?;
        Ok(Workspace {
            workspace_id: self.workspace_id.into(),
            name: ResourceName::trusted(self.name),
            role,
            grants: role.grants(),
            environments: self.environments,
            created_at: Timestamp::from_micros(self.created_at),
        })
    }
}

/// Inserts a workspace with its sealed data key.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    name: &ResourceName,
    data_key: &[u8],
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        workspace_id.uuid(),
        name.as_str(),
        data_key,
        at.micros(),
    )?;
    Ok(())
}

/// Finds a workspace as one of its members sees it.
///
/// # Errors
/// Database errors.
pub async fn find(
    db: &Db,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<Option<Workspace>, StoreError> {
    fetch_optional!(db, Row, FIND, workspace_id.uuid(), user_id.uuid())?
        .map(Row::read)
        .transpose()
}

/// Lists a person's workspaces by name, starting after a name and an id.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    user_id: UserId,
    behind: (&str, Uuid),
    limit: i64,
) -> Result<Rows<Workspace>, StoreError> {
    let rows = fetch_all!(
        snapshot,
        Row,
        LIST,
        user_id.uuid(),
        behind.0,
        behind.1,
        limit
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, user_id.uuid())?;
    Ok(Rows {
        rows: rows.into_iter().map(Row::read).collect::<Result<_, _>>()?,
        total,
    })
}

/// Returns the sealed data key of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such workspace.
pub async fn data_key(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
) -> Result<Vec<u8>, StoreError> {
    let mut source = source.into();
    fetch_one!(source, (Vec<u8>,), DATA_KEY, workspace_id.uuid()).map(|(key,)| key)
}

/// Locks a workspace's row until the transaction ends.
///
/// # Errors
/// Database errors.
pub async fn lock(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<(), StoreError> {
    execute!(tx, LOCK, workspace_id.uuid())?;
    Ok(())
}

/// Returns the oldest workspace; `None` before set-up.
///
/// # Errors
/// Database errors.
pub async fn oldest(db: &Db) -> Result<Option<WorkspaceId>, StoreError> {
    let row = fetch_optional!(db, (Uuid,), OLDEST)?;
    Ok(row.map(|(id,)| id.into()))
}

/// Role of a workspace's creator.
pub const MAKER_ROLE: Role = Role::Owner;
