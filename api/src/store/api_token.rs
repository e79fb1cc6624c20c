//! API tokens, stored as hashes.

use models::{
    ApiTokenId, UserId, WorkspaceId,
    api_token::ApiToken,
    rbac::Role,
    time::Timestamp,
    value::{MAX_DISPLAY_NAME, ResourceName},
};
use uuid::Uuid;

use super::{Rows, membership::parse_role};
use crate::db::{
    Db, OneState, Snapshot, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};

statements! {
    INSERT = "INSERT INTO api_token
              (api_token_id, workspace_id, user_id, name, role, token_hash, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    FIND = "SELECT api_token_id, workspace_id, name, role, created_at, expires_at, last_used_at
            FROM api_token WHERE workspace_id = $1 AND user_id = $2 AND api_token_id = $3";
    LIST = "SELECT api_token_id, workspace_id, name, role, created_at, expires_at, last_used_at
            FROM api_token WHERE workspace_id = $1 AND user_id = $2 AND name > $3
            ORDER BY name LIMIT $4";
    COUNT = "SELECT COUNT(*) FROM api_token WHERE workspace_id = $1 AND user_id = $2";
    BEARER = "SELECT t.api_token_id, t.workspace_id, t.user_id, t.name, t.role, t.expires_at,
                     u.name AS user_name, u.email
              FROM api_token t JOIN app_user u ON u.user_id = t.user_id
              WHERE t.token_hash = $1";
    SET_USED = "UPDATE api_token SET last_used_at = $3
                WHERE workspace_id = $1 AND api_token_id = $2";
    DELETE_EXPIRED = "DELETE FROM api_token
                      WHERE workspace_id = $1 AND user_id = $2 AND expires_at < $3";
    DELETE = "DELETE FROM api_token
              WHERE workspace_id = $1 AND user_id = $2 AND api_token_id = $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    api_token_id: Uuid,
    workspace_id: Uuid,
    name: String,
    role: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<ApiToken, StoreError> {
        Ok(ApiToken {
            api_token_id: self.api_token_id.into(),
            workspace_id: self.workspace_id.into(),
            name: ResourceName::trusted(self.name),
            role: parse_role(&self.role)?,
            created_at: Timestamp::from_micros(self.created_at),
            expires_at: Timestamp::from_micros(self.expires_at),
            last_used_at: self.last_used_at.map(Timestamp::from_micros),
        })
    }
}

/// The bearer of an API token: the token, and the person it acts for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bearer {
    api_token_id: Uuid,
    workspace_id: Uuid,
    user_id: Uuid,
    name: String,
    role: String,
    expires_at: i64,
    user_name: String,
    /// Email address of the person.
    pub email: String,
}

impl Bearer {
    /// Returns the token's id.
    pub fn api_token_id(&self) -> ApiTokenId {
        self.api_token_id.into()
    }

    /// Returns the workspace that the token is valid in.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id.into()
    }

    /// Returns the person that the token acts for.
    pub fn user_id(&self) -> UserId {
        self.user_id.into()
    }

    /// Returns the name for records, such as `Ada (API token ci)`.
    pub fn display_name(&self) -> String {
        let token = format!(" (API token {})", self.name);
        // Together they must remain a display name.
        let room = MAX_DISPLAY_NAME.saturating_sub(token.len());
        let person: String = self.user_name.chars().take(room).collect();
        person + &token
    }

    /// Returns the role that limits the token.
    ///
    /// # Errors
    /// [`StoreError::Other`] when the row names no role.
    pub fn role(&self) -> Result<Role, StoreError> {
        parse_role(&self.role)
    }

    /// Returns the time from which the token is refused.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_micros(self.expires_at)
    }
}

/// An API token to insert.
#[derive(Clone, Copy)]
pub struct NewApiToken<'a> {
    /// Id of the token.
    pub api_token_id: ApiTokenId,
    /// Workspace that it is valid in.
    pub workspace_id: WorkspaceId,
    /// Person that it acts for.
    pub user_id: UserId,
    /// Name of the token.
    pub name: &'a ResourceName,
    /// Role that limits it.
    pub role: Role,
    /// Hash of its text.
    pub token_hash: &'a [u8],
    /// Creation time.
    pub at: Timestamp,
    /// Expiry time.
    pub expires_at: Timestamp,
}

/// Inserts an API token.
///
/// # Errors
/// [`crate::db::Constraint::ApiTokenName`] when another token of the person has the name.
pub async fn insert(tx: &mut Tx, token: NewApiToken<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        token.api_token_id.uuid(),
        token.workspace_id.uuid(),
        token.user_id.uuid(),
        token.name.as_str(),
        token.role.name(),
        token.token_hash,
        token.at.micros(),
        token.expires_at.micros(),
    )?;
    Ok(())
}

/// Finds an API token of a person in a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the person has no such token there.
pub async fn find(
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    user_id: UserId,
    api_token_id: ApiTokenId,
) -> Result<ApiToken, StoreError> {
    let mut source = source.into();
    let row = fetch_one!(
        source,
        Row,
        FIND,
        workspace_id.uuid(),
        user_id.uuid(),
        api_token_id.uuid(),
    )?;
    row.read()
}

/// Lists a person's API tokens in a workspace by name, starting after a given name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    user_id: UserId,
    behind: &str,
    limit: i64,
) -> Result<Rows<ApiToken>, StoreError> {
    let (workspace_id, user_id) = (workspace_id.uuid(), user_id.uuid());
    let found = fetch_all!(snapshot, Row, LIST, workspace_id, user_id, behind, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id, user_id)?;
    let rows = found.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// Counts a person's API tokens in a workspace.
///
/// # Errors
/// Database errors.
pub async fn count(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<i64, StoreError> {
    let (total,) = fetch_one!(tx, (i64,), COUNT, workspace_id.uuid(), user_id.uuid())?;
    Ok(total)
}

/// Finds the bearer of an API token by the hash of its text.
///
/// # Errors
/// Database errors.
pub async fn by_token(db: &Db, token_hash: &[u8]) -> Result<Option<Bearer>, StoreError> {
    fetch_optional!(db, Bearer, BEARER, token_hash)
}

/// Records a use.
///
/// # Errors
/// Database errors.
pub async fn set_used(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    api_token_id: ApiTokenId,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_USED,
        workspace_id.uuid(),
        api_token_id.uuid(),
        at.micros()
    )?;
    Ok(())
}

/// Deletes the API tokens of a person that expired before a time.
///
/// # Errors
/// Database errors.
pub async fn delete_expired(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: UserId,
    before: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        DELETE_EXPIRED,
        workspace_id.uuid(),
        user_id.uuid(),
        before.micros(),
    )?;
    Ok(())
}

/// Deletes an API token; returns true if the person had it in the workspace.
///
/// # Errors
/// Database errors.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: UserId,
    api_token_id: ApiTokenId,
) -> Result<bool, StoreError> {
    let deleted = execute!(
        tx,
        DELETE,
        workspace_id.uuid(),
        user_id.uuid(),
        api_token_id.uuid(),
    )?;
    Ok(deleted > 0)
}
