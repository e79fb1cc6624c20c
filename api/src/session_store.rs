//! Browser sessions, in our own table so that they can be found and revoked.
//!
//! The table stores the hash of a session's id, never the id, so a leaked database contains no
//! usable session.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;
use models::{UserId, time::Timestamp};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use uuid::Uuid;

mod request_error;

pub use request_error::answer_failures;

use crate::{
    clock::Clock,
    db::{Commit, Constraint, Db, StoreError, Tx, execute, fetch_optional, statements},
};

/// The session value with the person's id, which becomes the row's `user_id`.
pub const USER_KEY: &str = "user_id";

/// Attempts to create a session. Colliding random 128-bit ids mean a broken source of
/// randomness.
const CREATE_ATTEMPTS: usize = 3;

statements! {
    INSERT = "INSERT INTO session (session_hash, user_id, data, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5)";
    UPDATE = "UPDATE session SET user_id = $2, data = $3, expires_at = $4
              WHERE session_hash = $1";
    LOAD = "SELECT data, expires_at FROM session WHERE session_hash = $1 AND expires_at > $2";
    DELETE = "DELETE FROM session WHERE session_hash = $1";
    PRUNE = "DELETE FROM session WHERE expires_at <= $1";
    REVOKE = "DELETE FROM session WHERE user_id = $1";
}

/// A session store in the database; cheap to clone.
#[derive(Clone)]
pub struct DbSessionStore {
    db: Db,
    clock: Clock,
}

impl DbSessionStore {
    /// Creates a store on this database.
    pub const fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    /// Changes a session. On a full disk it uses the space that is reserved for sessions.
    async fn write(&self, change: Change<'_>) -> std::result::Result<(), StoreError> {
        match self.try_to_write(change).await {
            Err(StoreError::Full(_)) if self.db.give_up_reserve() => {
                self.try_to_write(change).await
            }
            outcome => outcome,
        }
    }

    async fn try_to_write(&self, change: Change<'_>) -> std::result::Result<(), StoreError> {
        self.db
            .write_session(async |tx| {
                match change {
                    Change::Insert(record) => execute!(
                        tx,
                        INSERT,
                        hash(&record.id),
                        user_of(record),
                        Json(&record.data),
                        self.clock.now().micros(),
                        micros(record.expiry_date),
                    )?,
                    Change::Update(record) => execute!(
                        tx,
                        UPDATE,
                        hash(&record.id),
                        user_of(record),
                        Json(&record.data),
                        micros(record.expiry_date),
                    )?,
                    Change::Remove(id) => execute!(tx, DELETE, hash(id))?,
                };
                Ok(Commit(()))
            })
            .await
    }
}

/// A change to a session.
#[derive(Clone, Copy)]
enum Change<'a> {
    Insert(&'a Record),
    Update(&'a Record),
    Remove(&'a Id),
}

/// Removes expired sessions, and returns their number.
///
/// # Errors
/// Errors of the database.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> std::result::Result<u64, StoreError> {
    execute!(tx, PRUNE, now.micros())
}

/// Ends every session of a person, and returns their number.
///
/// Publish [`crate::bus::Event::SessionsChanged`] after the commit, so that open streams end
/// too.
///
/// # Errors
/// Errors of the database.
pub async fn revoke(tx: &mut Tx, user_id: UserId) -> std::result::Result<u64, StoreError> {
    execute!(tx, REVOKE, user_id.uuid())
}

#[async_trait]
impl SessionStore for DbSessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        for _ in 0..CREATE_ATTEMPTS {
            match self.write(Change::Insert(record)).await {
                Err(error) if error.is_conflict(Constraint::SessionHash) => {
                    record.id = Id::default();
                }
                other => return other.map_err(failed),
            }
        }
        Err(Error::Backend(
            "failed to find an unused session id".to_owned(),
        ))
    }

    /// Updates an existing session. A session that was revoked during its last request stays
    /// gone.
    ///
    /// Only the expiry changes: on a full disk without reserved space the session keeps its old
    /// expiry, and reads still work.
    async fn save(&self, record: &Record) -> Result<()> {
        match self.write(Change::Update(record)).await {
            Err(StoreError::Full(error)) => {
                tracing::debug!(%error, "failed to extend a session");
                Ok(())
            }
            outcome => outcome.map_err(failed),
        }
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        type Row = (Json<HashMap<String, Value>>, i64);
        let now = self.clock.now().micros();
        let row = fetch_optional!(self.db, Row, LOAD, hash(id), now);
        let Some((Json(data), expires_at)) = row.map_err(failed)? else {
            return Ok(None);
        };
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at) * 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.write(Change::Remove(id)).await.map_err(failed)
    }
}

impl fmt::Debug for DbSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DbSessionStore").finish_non_exhaustive()
    }
}

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
}

fn user_of(record: &Record) -> Option<Uuid> {
    record.data.get(USER_KEY)?.as_str()?.parse().ok()
}

fn micros(moment: OffsetDateTime) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// Notes the error for the layer that answers; the library keeps only its text.
fn failed(error: StoreError) -> Error {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    request_error::set(error);
    Error::Backend(text)
}

#[cfg(test)]
mod tests;
