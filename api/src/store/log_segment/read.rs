//! Segments for readers of a log.
//!
//! Each function runs one statement and sees one state of the log, even while others merge or
//! drop segments. A reader that continues from the position it reached misses and repeats
//! nothing.

use models::{DeploymentId, InstanceId, WorkspaceId, time::Timestamp};

use crate::db::{Db, StoreError, fetch_all, fetch_one, statements};

/// Compressed bytes to read at once; always at least one segment.
///
/// Open segments are small and many; closed ones are about this large.
const AT_ONCE: i64 = 64 * 1024;

statements! {
    // The inner selects choose by small columns; only the outer one touches the lines.
    OLDER = "SELECT s.first_position, s.last_position, s.raw_bytes, s.data
             FROM log_segment s
             JOIN (SELECT h.first_position,
                          SUM(h.stored_bytes) OVER (ORDER BY h.first_position DESC)
                              - h.stored_bytes AS bytes_before
                   FROM (SELECT g.first_position, g.stored_bytes
                         FROM log_segment g
                         JOIN deployment d ON d.deployment_id = g.deployment_id
                         WHERE d.workspace_id = $1 AND g.deployment_id = $2
                           AND g.first_position < $3 AND g.last_at >= $4 AND g.first_at <= $5
                           AND g.instances LIKE '%' || CAST($6 AS TEXT) || '%'
                         ORDER BY g.first_position DESC LIMIT 64) h) w
               ON w.first_position = s.first_position
             WHERE s.deployment_id = $2 AND w.bytes_before < $7
             ORDER BY s.first_position DESC";
    NEWER = "SELECT s.first_position, s.last_position, s.raw_bytes, s.data
             FROM log_segment s
             JOIN (SELECT h.first_position,
                          SUM(h.stored_bytes) OVER (ORDER BY h.first_position)
                              - h.stored_bytes AS bytes_before
                   FROM (SELECT g.first_position, g.stored_bytes
                         FROM log_segment g
                         JOIN deployment d ON d.deployment_id = g.deployment_id
                         WHERE d.workspace_id = $1 AND g.deployment_id = $2
                           AND g.last_position > $3 AND g.last_at >= $4 AND g.first_at <= $5
                           AND g.instances LIKE '%' || CAST($6 AS TEXT) || '%'
                         ORDER BY g.last_position LIMIT 64) h) w
               ON w.first_position = s.first_position
             WHERE s.deployment_id = $2 AND w.bytes_before < $7
             ORDER BY s.first_position";
    BOUNDS = "SELECT (SELECT MIN(s.first_position) FROM log_segment s
                      WHERE s.deployment_id = d.deployment_id) AS first_position,
                     (SELECT MAX(s.last_position) FROM log_segment s
                      WHERE s.deployment_id = d.deployment_id) AS last_position
              FROM deployment d WHERE d.workspace_id = $1 AND d.deployment_id = $2";
}

/// A segment with its lines.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Stored {
    /// Position of the first line.
    pub first_position: i64,
    /// Position of the last line.
    pub last_position: i64,
    /// Size in bytes, uncompressed.
    pub raw_bytes: i64,
    /// The compressed lines.
    pub data: Vec<u8>,
}

/// Positions of a log's first and last lines; both `None` if the log is empty.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Bounds {
    /// Position of the first line.
    pub first_position: Option<i64>,
    /// Position of the last line.
    pub last_position: Option<i64>,
}

/// Limits on the segments to read.
#[derive(Clone, Copy, Debug)]
pub struct Matching {
    /// Only segments with lines at or after this time.
    pub from: Timestamp,
    /// Only segments with lines at or before this time.
    pub to: Timestamp,
    /// Only segments with lines of this instance; `None` for all instances.
    pub instance_id: Option<InstanceId>,
}

impl Matching {
    fn instance(&self) -> String {
        self.instance_id
            .map_or_else(String::new, |id| id.to_string())
    }
}

/// Reads segments with lines before a position, newest first.
///
/// Returns about 64 KiB and at most 64 segments, but at least one if any matches.
///
/// # Errors
/// Database errors.
pub async fn older(
    db: &Db,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    before: i64,
    matching: Matching,
) -> Result<Vec<Stored>, StoreError> {
    fetch_all!(
        db,
        Stored,
        OLDER,
        workspace_id.uuid(),
        deployment_id.uuid(),
        before,
        matching.from.micros(),
        matching.to.micros(),
        matching.instance(),
        AT_ONCE,
    )
}

/// Reads segments with lines after a position, oldest first.
///
/// Returns about 64 KiB and at most 64 segments, but at least one if any matches.
///
/// # Errors
/// Database errors.
pub async fn newer(
    db: &Db,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    after: i64,
    matching: Matching,
) -> Result<Vec<Stored>, StoreError> {
    fetch_all!(
        db,
        Stored,
        NEWER,
        workspace_id.uuid(),
        deployment_id.uuid(),
        after,
        matching.from.micros(),
        matching.to.micros(),
        matching.instance(),
        AT_ONCE,
    )
}

/// Returns the first and last positions of a deployment's log.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such deployment.
pub async fn bounds(
    db: &Db,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Bounds, StoreError> {
    fetch_one!(
        db,
        Bounds,
        BOUNDS,
        workspace_id.uuid(),
        deployment_id.uuid()
    )
}
