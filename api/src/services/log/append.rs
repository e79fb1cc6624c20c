//! Storing log lines from runners.

mod known;

use std::collections::HashSet;

use models::{
    InstanceId, RunnerId,
    runner::{LogBatch, LogEntry, MAX_LOG_LINE_BYTES},
    time::Timestamp,
};

use super::{
    MOST_OPEN_BYTES, MOST_OPEN_SEGMENTS,
    segment::{self, Line},
};
use crate::{
    app::App,
    bus::Event,
    db::{Abandon, Commit, Tx},
    error::AppError,
    jobs::Job,
    store::{
        self,
        deployment_log::{Change, LockedLog},
        log_segment::NewSegment,
        log_truncation::Name,
    },
};
use known::Known;

/// Line id within a deployment: instance, time and ordinal.
type LineId = (InstanceId, Name);

/// Stores the lines of a batch that are not stored yet.
///
/// A batch about another runner's deployment is ignored.
pub async fn append(app: &App, runner_id: RunnerId, batch: LogBatch) -> Result<(), AppError> {
    let deployment_id = batch.deployment_id;
    let mut lines = once_each(runner_id, batch.lines);
    let Some(known) = Known::of(&lines) else {
        return Ok(());
    };
    let found = store::deployment_log::of_runner(&app.db, runner_id, deployment_id).await?;
    let Some(log) = found else {
        return Ok(());
    };
    let known = known.search(&app.db, &log).await?;
    known.drop_from(&mut lines);
    let count = i64::try_from(lines.len()).map_err(AppError::internal)?;
    if count == 0 {
        return Ok(());
    }
    app.db
        .write(async |tx| {
            // Reserving positions also locks the log against other writers.
            let taken =
                store::deployment_log::take_positions(tx, runner_id, deployment_id, count).await?;
            let Some(log) = taken else {
                return Ok(Abandon(()));
            };
            let known = known.search(&mut *tx, &log).await?;
            known.drop_from(&mut lines);
            skip_truncated(tx, &log, known.since(), &mut lines).await?;
            let lines: Vec<Line> = (log.position - count + 1..)
                .zip(lines)
                .map(|(position, entry)| Line { position, entry })
                .collect();
            let Some(segment) = segment::write(&lines)? else {
                // All lines are stored already, as they must be before the runner may drop them.
                return Ok(Abandon(()));
            };
            insert(app, tx, &log, &segment).await?;
            let position = segment.last_position;
            let event = Event::LogsAppended {
                deployment_id,
                position,
            };
            app.bus.publish_after(tx, event);
            Ok(Commit(()))
        })
        .await
}

/// Inserts an open segment; enqueues a merge when there are many.
async fn insert(
    app: &App,
    tx: &mut Tx,
    log: &LockedLog,
    segment: &NewSegment,
) -> Result<(), AppError> {
    store::log_segment::insert(tx, log, segment, app.clock.now()).await?;
    let more = Change {
        open_segments: 1,
        open_bytes: segment.raw_bytes,
        stored_bytes: segment.stored_bytes(),
        ..Change::default()
    };
    let log = store::deployment_log::change(tx, log, more).await?;
    if log.open_segments >= MOST_OPEN_SEGMENTS || log.open_bytes >= MOST_OPEN_BYTES {
        let deployment_id = log.deployment_id();
        let job = Job::CompactLog { deployment_id };
        app.jobs.enqueue(tx, &job).await?;
    }
    Ok(())
}

/// Drops lines that are too long, and duplicates within the batch.
fn once_each(runner_id: RunnerId, mut lines: Vec<LogEntry>) -> Vec<LogEntry> {
    let mut seen: HashSet<LineId> = HashSet::new();
    lines.retain(|line| {
        if line.text.len() > MAX_LOG_LINE_BYTES {
            tracing::warn!(runner.id = %runner_id, "dropped a log line that was too long");
            return false;
        }
        seen.insert(line_id(line))
    });
    lines
}

/// Skips lines that retention has dropped before.
async fn skip_truncated(
    tx: &mut Tx,
    log: &LockedLog,
    since: Timestamp,
    lines: &mut Vec<LogEntry>,
) -> Result<(), AppError> {
    let truncated = store::log_truncation::since(tx, log, since).await?;
    lines.retain(|line| {
        let (instance_id, name) = line_id(line);
        !truncated
            .iter()
            .any(|(instance, last)| *instance == instance_id && name <= *last)
    });
    Ok(())
}

/// Returns the line id.
fn line_id(line: &LogEntry) -> LineId {
    (line.instance_id, (line.at, line.ordinal))
}
