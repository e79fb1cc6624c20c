//! Log segments: blocks of adjacent lines, each in one compressed row.

mod read;

use models::{DeploymentId, time::Timestamp};
use uuid::Uuid;

use super::deployment_log::{DeploymentLog, LockedLog};
use crate::db::{Db, Source, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

#[cfg(test)]
pub(crate) use read::ALL as READ;
pub use read::{Bounds, Matching, Stored, bounds, newer, older};

statements! {
    INSERT = "INSERT INTO log_segment
              (deployment_id, first_position, last_position, first_at, last_at, lines, raw_bytes,
               stored_bytes, kept_at, instances, data)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    OVERLAPPING = "SELECT first_position, last_position, instances FROM log_segment
                   WHERE deployment_id = $1 AND last_at >= $2 AND first_at <= $3
                   ORDER BY first_position";
    DATA = "SELECT raw_bytes, data FROM log_segment
            WHERE deployment_id = $1 AND first_position = $2";
    OPEN = "SELECT first_position, last_position, raw_bytes, stored_bytes, kept_at
            FROM log_segment WHERE deployment_id = $1 AND first_position > $2
            ORDER BY first_position LIMIT $3";
    OLDEST = "SELECT first_position, last_position, raw_bytes, stored_bytes, kept_at
              FROM log_segment WHERE deployment_id = $1 ORDER BY first_position LIMIT $2";
    EXPIRED = "SELECT deployment_id FROM log_segment WHERE kept_at < $1
               ORDER BY kept_at LIMIT 1";
    DELETE = "DELETE FROM log_segment
              WHERE deployment_id = $1 AND first_position >= $2 AND last_position <= $3
              RETURNING first_position, raw_bytes, stored_bytes, instances";
}

/// A segment to insert.
#[derive(Clone, Debug)]
pub struct NewSegment {
    /// Position of the first line.
    pub first_position: i64,
    /// Position of the last line.
    pub last_position: i64,
    /// Earliest time of any line.
    pub first_at: Timestamp,
    /// Latest time of any line.
    pub last_at: Timestamp,
    /// Number of lines.
    pub lines: i64,
    /// Size in bytes, uncompressed.
    pub raw_bytes: i64,
    /// Instances that printed the lines, as JSON.
    pub instances: String,
    /// The compressed lines.
    pub data: Vec<u8>,
}

impl NewSegment {
    /// Returns the stored size in bytes.
    pub fn stored_bytes(&self) -> i64 {
        let bytes = self.data.len() + self.instances.len();
        i64::try_from(bytes).unwrap_or(i64::MAX)
    }
}

/// A segment without its lines.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Head {
    /// Position of the first line.
    pub first_position: i64,
    /// Position of the last line.
    pub last_position: i64,
    /// Size in bytes, uncompressed.
    pub raw_bytes: i64,
    /// Stored size in bytes.
    pub stored_bytes: i64,
    kept_at: i64,
}

impl Head {
    /// Returns the time when the newest line arrived.
    pub fn kept_at(&self) -> Timestamp {
        Timestamp::from_micros(self.kept_at)
    }
}

/// A deleted segment.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Deleted {
    /// Position of the first line.
    pub first_position: i64,
    /// Size in bytes, uncompressed.
    pub raw_bytes: i64,
    /// Stored size in bytes.
    pub stored_bytes: i64,
    /// Instances that printed the lines, as JSON.
    pub instances: String,
}

/// Inserts a segment.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    log: &LockedLog,
    segment: &NewSegment,
    kept_at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        log.deployment_id().uuid(),
        segment.first_position,
        segment.last_position,
        segment.first_at.micros(),
        segment.last_at.micros(),
        segment.lines,
        segment.raw_bytes,
        segment.stored_bytes(),
        kept_at.micros(),
        segment.instances.as_str(),
        segment.data.as_slice(),
    )?;
    Ok(())
}

/// The positions and instances of a segment.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Part {
    /// Position of the first line.
    pub first_position: i64,
    /// Position of the last line.
    pub last_position: i64,
    /// Instances that printed the lines, as JSON.
    pub instances: String,
}

/// Lists the segments with lines in a span of time, by position.
///
/// # Errors
/// Database errors.
pub async fn overlapping(
    source: impl Into<Source<'_>>,
    log: &DeploymentLog,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Part>, StoreError> {
    let mut source = source.into();
    fetch_all!(
        source,
        Part,
        OVERLAPPING,
        log.deployment_id().uuid(),
        from.micros(),
        to.micros(),
    )
}

/// Returns the uncompressed size and the data of a segment.
///
/// The segment is named by its first position; `None` if there is none.
///
/// # Errors
/// Database errors.
pub async fn data(
    source: impl Into<Source<'_>>,
    log: &DeploymentLog,
    first_position: i64,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let mut source = source.into();
    fetch_optional!(
        source,
        (i64, Vec<u8>),
        DATA,
        log.deployment_id().uuid(),
        first_position,
    )
}

/// Lists the first open segments of a log.
///
/// # Errors
/// Database errors.
pub async fn open(db: &Db, log: &DeploymentLog, limit: i64) -> Result<Vec<Head>, StoreError> {
    let id = log.deployment_id().uuid();
    fetch_all!(db, Head, OPEN, id, log.closed_to, limit)
}

/// Lists the oldest segments of a log.
///
/// # Errors
/// Database errors.
pub async fn oldest(db: &Db, log: &DeploymentLog, limit: i64) -> Result<Vec<Head>, StoreError> {
    fetch_all!(db, Head, OLDEST, log.deployment_id().uuid(), limit)
}

/// Finds a deployment with a segment whose newest line arrived before a moment.
///
/// # Errors
/// Database errors.
pub async fn expired(db: &Db, before: Timestamp) -> Result<Option<DeploymentId>, StoreError> {
    let row = fetch_optional!(db, (Uuid,), EXPIRED, before.micros())?;
    Ok(row.map(|(id,)| id.into()))
}

/// Deletes a log's segments between two positions.
///
/// # Errors
/// Database errors.
pub async fn delete(
    tx: &mut Tx,
    log: &LockedLog,
    (first, last): (i64, i64),
) -> Result<Vec<Deleted>, StoreError> {
    fetch_all!(tx, Deleted, DELETE, log.deployment_id().uuid(), first, last)
}
