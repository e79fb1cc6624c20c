//! Lines that instances printed.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{LogLine, LogStream},
    runner::LogEntry,
    time::Timestamp,
};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    TAKE_POSITIONS = "UPDATE deployment SET log_position = log_position + $3
                      WHERE deployment_id = $1 AND runner_id = $2 RETURNING log_position";
    INSERT = "INSERT INTO log_line (deployment_id, position, instance_id, at, ordinal, stream, text)
              VALUES ($1, $2, $3, $4, $5, $6, $7)
              ON CONFLICT (deployment_id, instance_id, at, ordinal) DO NOTHING";
    TRIM = "DELETE FROM log_line WHERE deployment_id = $1 AND position <= $2";
    AFTER = "SELECT l.position, l.instance_id, l.at, l.stream, l.text FROM log_line l
             JOIN deployment d ON d.deployment_id = l.deployment_id
             WHERE d.workspace_id = $1 AND l.deployment_id = $2 AND l.position > $3
             ORDER BY l.position LIMIT $4";
    NEWEST = "SELECT l.position, l.instance_id, l.at, l.stream, l.text FROM log_line l
              JOIN deployment d ON d.deployment_id = l.deployment_id
              WHERE d.workspace_id = $1 AND l.deployment_id = $2
              ORDER BY l.position DESC LIMIT $3";
}

#[derive(sqlx::FromRow)]
struct Row {
    position: i64,
    instance_id: Uuid,
    at: i64,
    stream: String,
    text: String,
}

impl Row {
    fn read(self) -> LogLine {
        LogLine {
            position: self.position,
            instance_id: self.instance_id.into(),
            at: Timestamp::from_micros(self.at),
            stream: if self.stream == "stderr" {
                LogStream::Stderr
            } else {
                LogStream::Stdout
            },
            text: self.text,
        }
    }
}

/// Reserves places at the end of a deployment's log and gives the last one; none when the
/// deployment is not the runner's.
///
/// # Errors
/// Those of the database.
pub async fn take_positions(
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    count: i64,
) -> Result<Option<i64>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        TAKE_POSITIONS,
        deployment_id.uuid(),
        runner_id.uuid(),
        count,
    )?;
    Ok(row.map(|(position,)| position))
}

/// Keeps a line at its place; one that was kept before is left as it is.
///
/// # Errors
/// Those of the database.
pub async fn insert(
    tx: &mut Tx,
    deployment_id: DeploymentId,
    position: i64,
    line: &LogEntry,
) -> Result<(), StoreError> {
    let stream = match line.stream {
        LogStream::Stdout => "stdout",
        LogStream::Stderr => "stderr",
    };
    execute!(
        tx,
        INSERT,
        deployment_id.uuid(),
        position,
        line.instance_id.uuid(),
        line.at.micros(),
        i64::from(line.ordinal),
        stream,
        line.text.as_str(),
    )?;
    Ok(())
}

/// Forgets the lines up to a place.
///
/// # Errors
/// Those of the database.
pub async fn trim(tx: &mut Tx, deployment_id: DeploymentId, up_to: i64) -> Result<u64, StoreError> {
    execute!(tx, TRIM, deployment_id.uuid(), up_to)
}

/// Lines of a workspace's deployment behind a place, the oldest first.
///
/// # Errors
/// Those of the database.
pub async fn after(
    db: &Db,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    position: i64,
    limit: i64,
) -> Result<Vec<LogLine>, StoreError> {
    let rows = fetch_all!(
        db,
        Row,
        AFTER,
        workspace_id.uuid(),
        deployment_id.uuid(),
        position,
        limit,
    )?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// The newest lines of a workspace's deployment, the oldest of them first.
///
/// # Errors
/// Those of the database.
pub async fn newest(
    db: &Db,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    limit: i64,
) -> Result<Vec<LogLine>, StoreError> {
    let rows = fetch_all!(
        db,
        Row,
        NEWEST,
        workspace_id.uuid(),
        deployment_id.uuid(),
        limit,
    )?;
    Ok(rows.into_iter().rev().map(Row::read).collect())
}
