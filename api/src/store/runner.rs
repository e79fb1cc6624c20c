//! Runners, and the leases of their links.

use models::{
    RunnerId, WorkspaceId,
    runner::{Runner, RunnerInfo},
    time::Timestamp,
    value::ResourceName,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::Rows;
use crate::db::{
    Db, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

/// Selects runners, each with its numbers of deployments and volumes.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.runner_id, r.workspace_id, r.name, r.about, r.link_expires_at,
                    r.link_address, r.seen_at, r.created_at,
                    (SELECT COUNT(*) FROM deployment d WHERE d.runner_id = r.runner_id)
                        AS deployments,
                    (SELECT COUNT(*) FROM volume v WHERE v.runner_id = r.runner_id) AS volumes
             FROM runner r ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO runner (runner_id, workspace_id, name, token_hash, created_at)
              VALUES ($1, $2, $3, $4, $5)";
    FIND = select!("WHERE r.workspace_id = $1 AND r.runner_id = $2");
    LIST = select!("WHERE r.workspace_id = $1 AND r.name > $2 ORDER BY r.name LIMIT $3");
    COUNT = "SELECT COUNT(*) FROM runner WHERE workspace_id = $1";
    BY_TOKEN = "SELECT runner_id FROM runner WHERE token_hash = $1";
    BY_NAME = "SELECT runner_id FROM runner WHERE workspace_id = $1 AND name = $2";
    LINKED_SINCE = "SELECT seen_at FROM runner WHERE runner_id = $1 AND link_expires_at > $2";
    WORKSPACE = "SELECT workspace_id FROM runner WHERE runner_id = $1";
    SET_TOKEN = "UPDATE runner SET token_hash = $3 WHERE workspace_id = $1 AND runner_id = $2";
    DELETE = "DELETE FROM runner WHERE workspace_id = $1 AND runner_id = $2";
    ACQUIRE_LEASE = "UPDATE runner
                     SET link_epoch = link_epoch + 1, link_server_id = $2, link_expires_at = $3,
                         seen_at = $4, link_address = $5
                     WHERE runner_id = $1
                       AND (link_expires_at IS NULL OR link_expires_at <= $4 OR link_server_id = $2)
                     RETURNING link_epoch";
    DESCRIBE = "UPDATE runner SET about = $3 WHERE runner_id = $1 AND link_epoch = $2";
    RENEW_LEASES = "UPDATE runner SET link_expires_at = $2
                    WHERE link_server_id = $1 AND link_expires_at IS NOT NULL
                    RETURNING runner_id, link_epoch";
    RELEASE_LEASE = "UPDATE runner SET link_expires_at = NULL, seen_at = $3
                     WHERE runner_id = $1 AND link_epoch = $2";
    RELEASE_LEASES = "UPDATE runner SET link_expires_at = NULL WHERE link_server_id = $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    runner_id: Uuid,
    workspace_id: Uuid,
    name: String,
    about: Option<Json<RunnerInfo>>,
    link_expires_at: Option<i64>,
    link_address: Option<String>,
    seen_at: Option<i64>,
    created_at: i64,
    deployments: i64,
    volumes: i64,
}

impl Row {
    fn read(self, now: Timestamp) -> Runner {
        let link = LinkState::read(self.link_expires_at, self.seen_at, now);
        Runner {
            runner_id: self.runner_id.into(),
            workspace_id: self.workspace_id.into(),
            name: ResourceName::trusted(self.name),
            connected: link.is_live,
            address: self.link_address,
            seen_at: link.seen_at,
            about: self.about.map(|Json(about)| about),
            // Only the services know the public URL.
            shares_dashboard_host: false,
            deployments: self.deployments,
            volumes: self.volumes,
            created_at: Timestamp::from_micros(self.created_at),
        }
    }
}

/// Duration of a link's lease without a renewal, in milliseconds.
///
/// After this long, other servers take over the runners of a server that died.
pub const LEASE_MS: i64 = 30_000;

/// State of a runner's link, from the runner's row.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkState {
    /// True if the lease still holds.
    pub(super) is_live: bool,
    /// Start of the lease or, without one, the time when the runner was last heard.
    pub(super) seen_at: Option<Timestamp>,
}

impl LinkState {
    pub(super) fn read(link_expires_at: Option<i64>, seen_at: Option<i64>, now: Timestamp) -> Self {
        let seen_at = seen_at.map(Timestamp::from_micros);
        match link_expires_at.map(Timestamp::from_micros) {
            Some(end) if end > now => Self {
                is_live: true,
                seen_at,
            },
            // The server that held the lease died without dropping it. It last renewed the
            // lease this long before the end.
            Some(end) => Self {
                is_live: false,
                seen_at: Some(end.plus_millis(-LEASE_MS)),
            },
            None => Self {
                is_live: false,
                seen_at,
            },
        }
    }
}

/// A runner to insert.
#[derive(Clone, Copy)]
pub struct NewRunner<'a> {
    /// Id of the runner.
    pub runner_id: RunnerId,
    /// Workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Name of the runner.
    pub name: &'a ResourceName,
    /// Hash of its token.
    pub token_hash: &'a [u8],
    /// Registration time.
    pub at: Timestamp,
}

/// Inserts a runner.
///
/// # Errors
/// [`crate::db::Constraint::RunnerName`] when another runner has the name.
pub async fn insert(tx: &mut Tx, runner: NewRunner<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        runner.runner_id.uuid(),
        runner.workspace_id.uuid(),
        runner.name.as_str(),
        runner.token_hash,
        runner.at.micros(),
    )?;
    Ok(())
}

/// Finds a runner of a workspace.
///
/// # Errors
/// Database errors.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    now: Timestamp,
) -> Result<Option<Runner>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, Row, FIND, workspace_id.uuid(), runner_id.uuid())?;
    Ok(row.map(|row| row.read(now)))
}

/// Lists a workspace's runners by name, starting after a given name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    behind: &str,
    limit: i64,
    now: Timestamp,
) -> Result<Rows<Runner>, StoreError> {
    let rows = fetch_all!(snapshot, Row, LIST, workspace_id.uuid(), behind, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id.uuid())?;
    Ok(Rows {
        rows: rows.into_iter().map(|row| row.read(now)).collect(),
        total,
    })
}

/// Finds the runner whose token has this hash.
///
/// # Errors
/// Database errors.
pub async fn by_token(db: &Db, token_hash: &[u8]) -> Result<Option<RunnerId>, StoreError> {
    let row = fetch_optional!(db, (Uuid,), BY_TOKEN, token_hash)?;
    Ok(row.map(|(id,)| id.into()))
}

/// Finds a workspace's runner by name.
///
/// # Errors
/// Database errors.
pub async fn by_name(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    name: &ResourceName,
) -> Result<Option<RunnerId>, StoreError> {
    let row = fetch_optional!(tx, (Uuid,), BY_NAME, workspace_id.uuid(), name.as_str())?;
    Ok(row.map(|(id,)| id.into()))
}

/// Returns the workspace of a runner.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such runner.
pub async fn workspace(tx: &mut Tx, runner_id: RunnerId) -> Result<WorkspaceId, StoreError> {
    fetch_one!(tx, (Uuid,), WORKSPACE, runner_id.uuid()).map(|(id,)| id.into())
}

/// True if a runner is linked, to any server.
///
/// # Errors
/// Database errors.
pub async fn is_linked(
    tx: &mut Tx,
    runner_id: RunnerId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(linked_since(tx, runner_id, now).await?.is_some())
}

/// Returns the start of a runner's link, to any server; `None` without one.
///
/// # Errors
/// Database errors.
pub async fn linked_since(
    tx: &mut Tx,
    runner_id: RunnerId,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let row = fetch_optional!(tx, (i64,), LINKED_SINCE, runner_id.uuid(), now.micros())?;
    Ok(row.map(|(since,)| Timestamp::from_micros(since)))
}

/// Replaces a runner's token; returns true if the workspace has the runner.
///
/// # Errors
/// Database errors.
pub async fn set_token(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    token_hash: &[u8],
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        SET_TOKEN,
        workspace_id.uuid(),
        runner_id.uuid(),
        token_hash
    )?;
    Ok(changed > 0)
}

/// Deletes a runner; returns true if it existed.
///
/// # Errors
/// [`crate::db::Constraint::ForeignKey`] when deployments are on the runner.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<bool, StoreError> {
    Ok(execute!(tx, DELETE, workspace_id.uuid(), runner_id.uuid())? > 0)
}

/// Acquires the lease of a runner's link and returns the link's epoch.
///
/// Returns `None` while another server holds the lease.
///
/// # Errors
/// Database errors.
pub async fn acquire_lease(
    tx: &mut Tx,
    runner_id: RunnerId,
    server_id: Uuid,
    until: Timestamp,
    now: Timestamp,
    address: &str,
) -> Result<Option<i64>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        ACQUIRE_LEASE,
        runner_id.uuid(),
        server_id,
        until.micros(),
        now.micros(),
        address,
    )?;
    Ok(row.map(|(epoch,)| epoch))
}

/// Stores the facts that a runner reports about itself.
///
/// # Errors
/// Database errors.
pub async fn describe(
    tx: &mut Tx,
    runner_id: RunnerId,
    epoch: i64,
    about: &RunnerInfo,
) -> Result<(), StoreError> {
    execute!(tx, DESCRIBE, runner_id.uuid(), epoch, Json(about))?;
    Ok(())
}

/// Renews all leases of a server in one statement; returns the links still held.
///
/// # Errors
/// Database errors.
pub async fn renew_leases(
    tx: &mut Tx,
    server_id: Uuid,
    until: Timestamp,
) -> Result<Vec<(RunnerId, i64)>, StoreError> {
    let rows = fetch_all!(tx, (Uuid, i64), RENEW_LEASES, server_id, until.micros())?;
    Ok(rows
        .into_iter()
        .map(|(id, epoch)| (id.into(), epoch))
        .collect())
}

/// Releases the lease of a link, if the link is still the runner's newest.
///
/// # Errors
/// Database errors.
pub async fn release_lease(
    tx: &mut Tx,
    runner_id: RunnerId,
    epoch: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute!(tx, RELEASE_LEASE, runner_id.uuid(), epoch, now.micros())?;
    Ok(())
}

/// Releases all leases of a server, for a server that starts and can have no links.
///
/// # Errors
/// Database errors.
pub async fn release_leases(tx: &mut Tx, server_id: Uuid) -> Result<(), StoreError> {
    execute!(tx, RELEASE_LEASES, server_id)?;
    Ok(())
}
