//! The last dropped log line of each instance.
//!
//! A restarted runner reads some lines of its instances again. Lines that are still stored are
//! recognized by their line ids; lines that were dropped are recognized by this table.

use models::{InstanceId, time::Timestamp};
use uuid::Uuid;

use super::deployment_log::LockedLog;
use crate::db::{StoreError, Tx, execute, fetch_all, statements};

statements! {
    RECORD = "INSERT INTO log_truncation (deployment_id, instance_id, at, ordinal)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (deployment_id, instance_id)
            DO UPDATE SET at = excluded.at, ordinal = excluded.ordinal
            WHERE log_truncation.at < excluded.at
               OR (log_truncation.at = excluded.at AND log_truncation.ordinal < excluded.ordinal)";
    SINCE = "SELECT instance_id, at, ordinal FROM log_truncation
             WHERE deployment_id = $1 AND at >= $2";
    KEEP_NEWEST = "DELETE FROM log_truncation WHERE deployment_id = $1 AND instance_id IN
                   (SELECT t.instance_id FROM log_truncation t WHERE t.deployment_id = $1
                    ORDER BY t.at DESC LIMIT 100000 OFFSET $2)";
}

/// Line id within an instance: the line's time, and its ordinal at that time.
pub type Name = (Timestamp, u32);

/// Records that an instance's lines are dropped through this one.
///
/// # Errors
/// Database errors.
pub async fn record(
    tx: &mut Tx,
    log: &LockedLog,
    instance_id: InstanceId,
    (at, ordinal): Name,
) -> Result<(), StoreError> {
    execute!(
        tx,
        RECORD,
        log.deployment_id().uuid(),
        instance_id.uuid(),
        at.micros(),
        i64::from(ordinal),
    )?;
    Ok(())
}

/// Lists the last dropped line of each instance, where it is no older than `from`.
///
/// # Errors
/// Database errors.
pub async fn since(
    tx: &mut Tx,
    log: &LockedLog,
    from: Timestamp,
) -> Result<Vec<(InstanceId, Name)>, StoreError> {
    let rows = fetch_all!(
        tx,
        (Uuid, i64, i64),
        SINCE,
        log.deployment_id().uuid(),
        from.micros(),
    )?;
    let rows = rows.into_iter().map(|(instance_id, at, ordinal)| {
        let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
        (instance_id.into(), (Timestamp::from_micros(at), ordinal))
    });
    Ok(rows.collect())
}

/// Keeps the records of the `count` instances with the newest dropped lines.
///
/// Older instances are long gone.
///
/// # Errors
/// Database errors.
pub async fn keep_newest(tx: &mut Tx, log: &LockedLog, count: i64) -> Result<(), StoreError> {
    execute!(tx, KEEP_NEWEST, log.deployment_id().uuid(), count)?;
    Ok(())
}
