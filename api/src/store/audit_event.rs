//! Audit events: who changed what, when, and from where.

use models::{ApiTokenId, WorkspaceId, actor::ActorKind, time::Timestamp};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, statements};

statements! {
    INSERT = "INSERT INTO audit_event
              (audit_event_id, workspace_id, actor_kind, actor_user_id, actor_api_token_id,
               actor_name, action, target, request_id, address, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    NEWEST = "SELECT actor_kind, actor_user_id, actor_api_token_id, actor_name, action, target,
                     address
              FROM audit_event
              WHERE workspace_id = $1 ORDER BY created_at DESC, audit_event_id DESC LIMIT $2";
    NEWEST_OUTSIDE = "SELECT actor_kind, actor_user_id, actor_api_token_id, actor_name, action,
                             target, address
                      FROM audit_event
                      WHERE workspace_id IS NULL
                      ORDER BY created_at DESC, audit_event_id DESC LIMIT $1";
}

/// An audit event as stored.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Recorded {
    /// Stored name of the actor's kind.
    pub actor_kind: String,
    /// Id of the person who acted, if known.
    pub actor_user_id: Option<Uuid>,
    /// Id of the API token that acted for the person.
    pub actor_api_token_id: Option<Uuid>,
    /// Name of the actor at that time.
    pub actor_name: String,
    /// Name of the action, for example `deployment.create`.
    pub action: String,
    /// Id of the resource that the action changed.
    pub target: Option<String>,
    /// Address that the request came from.
    pub address: String,
}

/// An audit event to insert.
#[derive(Clone, Copy, Debug)]
pub struct AuditEvent<'a> {
    /// Id of the event.
    pub audit_event_id: Uuid,
    /// Workspace of the change; `None` outside of all workspaces.
    pub workspace_id: Option<WorkspaceId>,
    /// Kind of the actor.
    pub actor_kind: ActorKind,
    /// Id of the person or runner that acted. For an anonymous caller, the account that was
    /// named.
    pub actor_id: Option<Uuid>,
    /// Id of the API token that acted for the person.
    pub api_token_id: Option<ApiTokenId>,
    /// Name of the actor at that time.
    pub actor_name: &'a str,
    /// Name of the action, for example `deployment.create`.
    pub action: &'a str,
    /// Id of the changed resource, if it existed before.
    pub target: Option<&'a str>,
    /// Id of the request.
    pub request_id: &'a str,
    /// Address that the request came from.
    pub address: &'a str,
    /// Time of the change.
    pub at: Timestamp,
}

/// Inserts an audit event.
///
/// # Errors
/// Database errors.
pub async fn insert(tx: &mut Tx, event: &AuditEvent<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        event.audit_event_id,
        event.workspace_id.map(WorkspaceId::uuid),
        event.actor_kind.name(),
        event.actor_id,
        event.api_token_id.map(ApiTokenId::uuid),
        event.actor_name,
        event.action,
        event.target,
        event.request_id,
        event.address,
        event.at.micros(),
    )?;
    Ok(())
}

/// Lists the events of a workspace, newest first.
///
/// # Errors
/// Database errors.
pub async fn newest(
    db: &Db,
    workspace_id: WorkspaceId,
    limit: i64,
) -> Result<Vec<Recorded>, StoreError> {
    fetch_all!(db, Recorded, NEWEST, workspace_id.uuid(), limit)
}

/// Lists the events outside of all workspaces, such as sign-ins, newest first.
///
/// # Errors
/// Database errors.
pub async fn newest_outside(db: &Db, limit: i64) -> Result<Vec<Recorded>, StoreError> {
    fetch_all!(db, Recorded, NEWEST_OUTSIDE, limit)
}
