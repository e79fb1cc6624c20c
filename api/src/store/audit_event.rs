//! Audit events.

use models::{WorkspaceId, actor::ActorKind, time::Timestamp};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, statements};

statements! {
    INSERT = "INSERT INTO audit_event
              (audit_event_id, workspace_id, actor_kind, actor_user_id, actor_name, action, target,
               request_id, address, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    NEWEST = "SELECT actor_kind, actor_user_id, actor_name, action, target, address FROM audit_event
              WHERE workspace_id = $1 ORDER BY created_at DESC, audit_event_id DESC LIMIT $2";
    NEWEST_OUTSIDE = "SELECT actor_kind, actor_user_id, actor_name, action, target, address FROM audit_event
                      WHERE workspace_id IS NULL
                      ORDER BY created_at DESC, audit_event_id DESC LIMIT $1";
}

/// A change as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Recorded {
    /// The stored name of the kind of party that made it.
    pub actor_kind: String,
    /// The person who made it, if that is known.
    pub actor_user_id: Option<Uuid>,
    /// What the person who made it was called then.
    pub actor_name: String,
    /// What was done.
    pub action: String,
    /// The id of what it was done to.
    pub target: Option<String>,
    /// Where the request came from.
    pub address: String,
}

/// A change that was made.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
    /// The event's id.
    pub audit_event_id: Uuid,
    /// The workspace in which it happened, if it was in one.
    pub workspace_id: Option<WorkspaceId>,
    /// The kind of party that made it.
    pub actor_kind: ActorKind,
    /// The person or runner that made it; the account that was named by a caller who is nobody.
    pub actor_id: Option<Uuid>,
    /// The party's name of then.
    pub actor_name: &'a str,
    /// What was done, for example `deployment.create`.
    pub action: &'a str,
    /// The id of what it was done to, if it existed before.
    pub target: Option<&'a str>,
    /// The request that did it.
    pub request_id: &'a str,
    /// Where the request came from.
    pub address: &'a str,
    /// When it was made.
    pub at: Timestamp,
}

/// Writes a change down.
///
/// # Errors
/// Those of the database.
pub async fn insert(tx: &mut Tx, event: &AuditEvent<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        event.audit_event_id,
        event.workspace_id.map(WorkspaceId::uuid),
        event.actor_kind.name(),
        event.actor_id,
        event.actor_name,
        event.action,
        event.target,
        event.request_id,
        event.address,
        event.at.micros(),
    )?;
    Ok(())
}

/// What was done in a workspace, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn newest(
    db: &Db,
    workspace_id: WorkspaceId,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    fetch_all!(db, Recorded, NEWEST, workspace_id.uuid(), limit)
}

/// What was done outside of all workspaces, as signing in is, the newest first.
///
/// # Errors
/// Those of the database.
pub async fn newest_outside(db: &Db, limit: i64) -> Result<Vec<Recorded>, StoreError> {
    fetch_all!(db, Recorded, NEWEST_OUTSIDE, limit)
}
