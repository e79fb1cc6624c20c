//! Runners that ask to be registered.
//!
//! Until its code is entered, such a runner belongs to no workspace; what acts for the runner then
//! names it by its own id.

use models::{
    EnrolmentId, RunnerId, WorkspaceId,
    runner::{Enrolment, EnrolmentState, RunnerInfo},
    time::Timestamp,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Db, Source, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    FORGET_TOKEN = "DELETE FROM enrolment WHERE token_hash = $1";
    WAITING = "SELECT address FROM enrolment WHERE state = 'waiting' AND expires_at > $1";
    INSERT = "INSERT INTO enrolment
              (enrolment_id, code_hash, token_hash, about, address, state, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7)";
    STATE = "SELECT state, runner_id, expires_at FROM enrolment WHERE enrolment_id = $1";
    WITHDRAW = "UPDATE enrolment SET state = 'withdrawn'
                WHERE enrolment_id = $1 AND state = 'waiting' RETURNING workspace_id";
    FORGET_UNSEEN = "DELETE FROM enrolment
                     WHERE enrolment_id = $1 AND state = 'withdrawn' AND workspace_id IS NULL";
    CLAIM = "UPDATE enrolment SET workspace_id = $1
             WHERE code_hash = $2 AND state = 'waiting' AND expires_at > $3
             RETURNING enrolment_id";
    FIND = "SELECT enrolment_id, about, address, state, runner_id, created_at, expires_at
            FROM enrolment WHERE workspace_id = $1 AND enrolment_id = $2";
    DECIDE = "UPDATE enrolment SET state = $3, expires_at = $4
              WHERE workspace_id = $1 AND enrolment_id = $2 AND state = 'waiting'
                AND expires_at > $5
              RETURNING token_hash";
    SET_RUNNER = "UPDATE enrolment SET runner_id = $3 WHERE workspace_id = $1 AND enrolment_id = $2";
    TAKE_BACK = "DELETE FROM runner
                 WHERE seen_at IS NULL
                   AND EXISTS (SELECT 1 FROM enrolment e
                               WHERE e.runner_id = runner.runner_id AND e.expires_at <= $1)
                   AND NOT EXISTS (SELECT 1 FROM deployment d WHERE d.runner_id = runner.runner_id)
                   AND NOT EXISTS (SELECT 1 FROM volume v WHERE v.runner_id = runner.runner_id)
                 RETURNING workspace_id, runner_id";
    PRUNE = "DELETE FROM enrolment WHERE expires_at <= $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    enrolment_id: Uuid,
    about: Json<RunnerInfo>,
    address: String,
    state: String,
    runner_id: Option<Uuid>,
    created_at: i64,
    expires_at: i64,
}

impl Row {
    fn read(self, now: Timestamp) -> Enrolment {
        let Json(about) = self.about;
        let expires_at = Timestamp::from_micros(self.expires_at);
        Enrolment {
            enrolment_id: self.enrolment_id.into(),
            suggested_name: about.suggested_name(),
            about,
            address: self.address,
            state: state(&self.state, expires_at, now),
            runner_id: self.runner_id.map(Into::into),
            created_at: Timestamp::from_micros(self.created_at),
            expires_at,
        }
    }
}

fn state(kept: &str, expires_at: Timestamp, now: Timestamp) -> EnrolmentState {
    match kept {
        "approved" => EnrolmentState::Approved,
        "refused" => EnrolmentState::Refused,
        "withdrawn" => EnrolmentState::Withdrawn,
        _ if expires_at <= now => EnrolmentState::Expired,
        _ => EnrolmentState::Waiting,
    }
}

/// A runner that asks.
#[derive(Clone, Copy)]
pub struct NewEnrolment<'a> {
    /// The request's id.
    pub enrolment_id: EnrolmentId,
    /// The keyed hash of its code.
    pub code_hash: &'a [u8],
    /// The hash of the runner's token.
    pub token_hash: &'a [u8],
    /// What the runner says of itself.
    pub about: &'a RunnerInfo,
    /// The address that it asks from.
    pub address: &'a str,
    /// When it asks.
    pub at: Timestamp,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Forgets what the runner with this token asked before.
///
/// # Errors
/// Those of the database.
pub async fn forget_token(tx: &mut Tx, token_hash: &[u8]) -> Result<(), StoreError> {
    execute!(tx, FORGET_TOKEN, token_hash)?;
    Ok(())
}

/// The addresses from which runners wait.
///
/// # Errors
/// Those of the database.
pub async fn waiting(tx: &mut Tx, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(tx, (String,), WAITING, now.micros())?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// Adds a runner that asks.
///
/// # Errors
/// [`crate::db::Constraint::EnrolmentToken`] when it has just asked already.
pub async fn insert(tx: &mut Tx, new: NewEnrolment<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        new.enrolment_id.uuid(),
        new.code_hash,
        new.token_hash,
        Json(new.about),
        new.address,
        new.at.micros(),
        new.expires_at.micros(),
    )?;
    Ok(())
}

/// What became of a runner that asked, for itself; none when nothing is known of it any more.
///
/// # Errors
/// Those of the database.
pub async fn state_of(
    db: &Db,
    enrolment_id: EnrolmentId,
    now: Timestamp,
) -> Result<Option<(EnrolmentState, Option<RunnerId>)>, StoreError> {
    let row = fetch_optional!(db, (String, Option<Uuid>, i64), STATE, enrolment_id.uuid())?;
    Ok(row.map(|(kept, runner_id, expires_at)| {
        let state = state(&kept, Timestamp::from_micros(expires_at), now);
        (state, runner_id.map(Into::into))
    }))
}

/// Notes that a runner went away before anybody answered, and forgets it where nobody has entered its
/// code; gives the workspace in which somebody has.
///
/// # Errors
/// Those of the database.
pub async fn withdraw(
    tx: &mut Tx,
    enrolment_id: EnrolmentId,
) -> Result<Option<WorkspaceId>, StoreError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), WITHDRAW, enrolment_id.uuid())?;
    execute!(tx, FORGET_UNSEEN, enrolment_id.uuid())?;
    Ok(row.and_then(|(workspace_id,)| workspace_id.map(Into::into)))
}

/// Makes the waiting runner that shows a code this workspace's to decide about; none when no runner
/// does.
///
/// # Errors
/// Those of the database.
pub async fn claim(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    code_hash: &[u8],
    now: Timestamp,
) -> Result<Option<EnrolmentId>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        CLAIM,
        workspace_id.uuid(),
        code_hash,
        now.micros()
    )?;
    Ok(row.map(|(id,)| id.into()))
}

/// A runner whose code was entered in the workspace.
///
/// # Errors
/// Those of the database.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
    now: Timestamp,
) -> Result<Option<Enrolment>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, Row, FIND, workspace_id.uuid(), enrolment_id.uuid())?;
    Ok(row.map(|row| row.read(now)))
}

/// Decides about a runner that waits and gives its token's hash; none when it does not wait.
///
/// # Errors
/// Those of the database.
pub async fn decide(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
    is_approved: bool,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        DECIDE,
        workspace_id.uuid(),
        enrolment_id.uuid(),
        if is_approved { "approved" } else { "refused" },
        expires_at.micros(),
        now.micros(),
    )?;
    Ok(row.map(|(token_hash,)| token_hash))
}

/// Says which runner came of it.
///
/// # Errors
/// Those of the database.
pub async fn set_runner(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    enrolment_id: EnrolmentId,
    runner_id: RunnerId,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_RUNNER,
        workspace_id.uuid(),
        enrolment_id.uuid(),
        runner_id.uuid()
    )?;
    Ok(())
}

/// Deletes every runner that was approved, has never connected, is needed by nothing and whose
/// time for that is over, whichever workspace it was to work for.
///
/// # Errors
/// Those of the database.
pub async fn take_back(
    tx: &mut Tx,
    now: Timestamp,
) -> Result<Vec<(WorkspaceId, RunnerId)>, StoreError> {
    let rows = fetch_all!(tx, (Uuid, Uuid), TAKE_BACK, now.micros())?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(workspace_id, runner_id)| (workspace_id.into(), runner_id.into()))
        .collect())
}

/// Forgets what was over before this moment.
///
/// # Errors
/// Those of the database.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    execute!(tx, PRUNE, before.micros())?;
    Ok(())
}
