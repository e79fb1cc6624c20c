//! Runner registrations: runners that showed a user code and wait for approval.
//!
//! Until its user code is entered, a registration belongs to no workspace, and the runner's own
//! requests name it by the registration's id.

use models::{
    RegistrationId, RunnerId, WorkspaceId,
    runner::{Registration, RegistrationState, RunnerInfo},
    time::Timestamp,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Db, Source, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    FORGET_TOKEN = "DELETE FROM registration WHERE token_hash = $1";
    WAITING = "SELECT address FROM registration WHERE state = 'waiting' AND expires_at > $1";
    INSERT = "INSERT INTO registration
              (registration_id, code_hash, token_hash, about, address, state, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7)";
    STATE = "SELECT state, runner_id, expires_at FROM registration WHERE registration_id = $1";
    WITHDRAW = "UPDATE registration SET state = 'withdrawn'
                WHERE registration_id = $1 AND state = 'waiting' RETURNING workspace_id";
    FORGET_UNSEEN = "DELETE FROM registration
                     WHERE registration_id = $1 AND state = 'withdrawn' AND workspace_id IS NULL";
    CLAIM = "UPDATE registration SET workspace_id = $1
             WHERE code_hash = $2 AND state = 'waiting' AND expires_at > $3
             RETURNING registration_id";
    FIND = "SELECT registration_id, about, address, state, runner_id, created_at, expires_at
            FROM registration WHERE workspace_id = $1 AND registration_id = $2";
    DECIDE = "UPDATE registration SET state = $3, expires_at = $4
              WHERE workspace_id = $1 AND registration_id = $2 AND state = 'waiting'
                AND expires_at > $5
              RETURNING token_hash";
    SET_RUNNER = "UPDATE registration SET runner_id = $3 WHERE workspace_id = $1 AND registration_id = $2";
    TAKE_BACK = "DELETE FROM runner
                 WHERE seen_at IS NULL
                   AND EXISTS (SELECT 1 FROM registration e
                               WHERE e.runner_id = runner.runner_id AND e.expires_at <= $1)
                   AND NOT EXISTS (SELECT 1 FROM deployment d WHERE d.runner_id = runner.runner_id)
                   AND NOT EXISTS (SELECT 1 FROM volume v WHERE v.runner_id = runner.runner_id)
                 RETURNING workspace_id, runner_id";
    PRUNE = "DELETE FROM registration WHERE expires_at <= $1";
}

#[derive(sqlx::FromRow)]
struct Row {
    registration_id: Uuid,
    about: Json<RunnerInfo>,
    address: String,
    state: String,
    runner_id: Option<Uuid>,
    created_at: i64,
    expires_at: i64,
}

impl Row {
    fn read(self, now: Timestamp) -> Registration {
        let Json(about) = self.about;
        let expires_at = Timestamp::from_micros(self.expires_at);
        Registration {
            registration_id: self.registration_id.into(),
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

fn state(kept: &str, expires_at: Timestamp, now: Timestamp) -> RegistrationState {
    match kept {
        "approved" => RegistrationState::Approved,
        "denied" => RegistrationState::Denied,
        "withdrawn" => RegistrationState::Withdrawn,
        _ if expires_at <= now => RegistrationState::Expired,
        _ => RegistrationState::Waiting,
    }
}

/// A registration to insert.
#[derive(Clone, Copy)]
pub struct NewRegistration<'a> {
    /// Id of the registration.
    pub registration_id: RegistrationId,
    /// Keyed hash of the user code.
    pub code_hash: &'a [u8],
    /// Hash of the runner's token.
    pub token_hash: &'a [u8],
    /// Facts that the runner reports about itself.
    pub about: &'a RunnerInfo,
    /// Address that the request came from.
    pub address: &'a str,
    /// Time of the request.
    pub at: Timestamp,
    /// End of the waiting time.
    pub expires_at: Timestamp,
}

/// Deletes the earlier registration of the runner with this token.
///
/// # Errors
/// Database errors.
pub async fn forget_token(tx: &mut Tx, token_hash: &[u8]) -> Result<(), StoreError> {
    execute!(tx, FORGET_TOKEN, token_hash)?;
    Ok(())
}

/// Lists the addresses of all waiting runners.
///
/// # Errors
/// Database errors.
pub async fn waiting(tx: &mut Tx, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(tx, (String,), WAITING, now.micros())?;
    Ok(rows.into_iter().map(|(address,)| address).collect())
}

/// Inserts a waiting registration.
///
/// # Errors
/// [`crate::db::Constraint::RegistrationToken`] when the same runner has just asked.
pub async fn insert(tx: &mut Tx, new: NewRegistration<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        new.registration_id.uuid(),
        new.code_hash,
        new.token_hash,
        Json(new.about),
        new.address,
        new.at.micros(),
        new.expires_at.micros(),
    )?;
    Ok(())
}

/// Returns a registration's state, for the runner itself; `None` if it is gone.
///
/// # Errors
/// Database errors.
pub async fn state_of(
    db: &Db,
    registration_id: RegistrationId,
    now: Timestamp,
) -> Result<Option<(RegistrationState, Option<RunnerId>)>, StoreError> {
    let row = fetch_optional!(
        db,
        (String, Option<Uuid>, i64),
        STATE,
        registration_id.uuid()
    )?;
    Ok(row.map(|(kept, runner_id, expires_at)| {
        let state = state(&kept, Timestamp::from_micros(expires_at), now);
        (state, runner_id.map(Into::into))
    }))
}

/// Marks a waiting registration as withdrawn by its runner.
///
/// Deletes it if nobody entered its user code yet; otherwise returns the workspace where
/// someone did.
///
/// # Errors
/// Database errors.
pub async fn withdraw(
    tx: &mut Tx,
    registration_id: RegistrationId,
) -> Result<Option<WorkspaceId>, StoreError> {
    let row = fetch_optional!(tx, (Option<Uuid>,), WITHDRAW, registration_id.uuid())?;
    execute!(tx, FORGET_UNSEEN, registration_id.uuid())?;
    Ok(row.and_then(|(workspace_id,)| workspace_id.map(Into::into)))
}

/// Assigns the waiting registration with this user code to a workspace.
///
/// Returns `None` when no waiting registration has the code.
///
/// # Errors
/// Database errors.
pub async fn claim(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    code_hash: &[u8],
    now: Timestamp,
) -> Result<Option<RegistrationId>, StoreError> {
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

/// Finds a registration whose user code was entered in the workspace.
///
/// # Errors
/// Database errors.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
    now: Timestamp,
) -> Result<Option<Registration>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(
        source,
        Row,
        FIND,
        workspace_id.uuid(),
        registration_id.uuid()
    )?;
    Ok(row.map(|row| row.read(now)))
}

/// Approves or denies a waiting registration and returns its token hash.
///
/// Returns `None` when the registration does not wait.
///
/// # Errors
/// Database errors.
pub async fn decide(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
    is_approved: bool,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = fetch_optional!(
        tx,
        (Vec<u8>,),
        DECIDE,
        workspace_id.uuid(),
        registration_id.uuid(),
        if is_approved { "approved" } else { "denied" },
        expires_at.micros(),
        now.micros(),
    )?;
    Ok(row.map(|(token_hash,)| token_hash))
}

/// Records which runner an approved registration created.
///
/// # Errors
/// Database errors.
pub async fn set_runner(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    registration_id: RegistrationId,
    runner_id: RunnerId,
) -> Result<(), StoreError> {
    execute!(
        tx,
        SET_RUNNER,
        workspace_id.uuid(),
        registration_id.uuid(),
        runner_id.uuid()
    )?;
    Ok(())
}

/// Deletes approved runners that never connected in time, in all workspaces.
///
/// Runners with deployments or volumes stay.
///
/// # Errors
/// Database errors.
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

/// Deletes registrations that expired at or before a moment.
///
/// # Errors
/// Database errors.
pub async fn prune(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    execute!(tx, PRUNE, before.micros())?;
    Ok(())
}
