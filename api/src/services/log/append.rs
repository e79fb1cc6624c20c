//! Lines as runners send them.

use std::collections::HashSet;

use models::{
    DeploymentId, InstanceId, RunnerId,
    runner::{LogBatch, LogEntry},
    time::Timestamp,
};

use super::{
    MOST_OPEN_BYTES, MOST_OPEN_SEGMENTS,
    segment::{self, Line, Opened, Printer},
};
use crate::{
    app::App,
    bus::Event,
    db::Tx,
    error::AppError,
    jobs::Job,
    store::{self, deployment_log::Change, log_forgotten::Name},
};

/// The longest line that is kept, in bytes; runners split longer ones.
const MAX_LINE: usize = 64 * 1024;

/// Keeps the lines of a batch that are not kept yet. One that is about another runner's deployment
/// is ignored.
pub async fn append(app: &App, runner_id: RunnerId, batch: LogBatch) -> Result<(), AppError> {
    let deployment_id = batch.deployment_id;
    let lines = once_each(runner_id, batch.lines);
    let count = i64::try_from(lines.len()).map_err(AppError::internal)?;
    if count == 0 {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    // Taking places also makes others who change this log wait.
    let taken =
        store::deployment_log::take_positions(&mut tx, runner_id, deployment_id, count).await?;
    let Some(log) = taken else {
        return Ok(());
    };
    let mut lines: Vec<Line> = (log.position - count + 1..)
        .zip(lines)
        .map(|(position, entry)| Line { position, entry })
        .collect();
    drop_known(&mut tx, deployment_id, &mut lines).await?;
    let Some(segment) = segment::write(&lines)? else {
        return Ok(());
    };
    store::log_segment::insert(&mut tx, deployment_id, &segment, app.clock.now()).await?;
    let more = Change {
        open_segments: 1,
        open_bytes: segment.raw_bytes,
        stored_bytes: segment.stored_bytes(),
        ..Change::default()
    };
    let log = store::deployment_log::change(&mut tx, deployment_id, more).await?;
    let is_much = log.is_some_and(|log| {
        log.open_segments >= MOST_OPEN_SEGMENTS || log.open_bytes >= MOST_OPEN_BYTES
    });
    if is_much {
        let job = Job::CompactLog { deployment_id };
        app.jobs.enqueue(&mut tx, &job).await?;
    }
    tx.commit().await?;
    app.bus.publish(Event::LogsAppended {
        deployment_id,
        position: segment.last_position,
    });
    Ok(())
}

/// Leaves out what is too long, and lines that are in the batch twice.
fn once_each(runner_id: RunnerId, mut lines: Vec<LogEntry>) -> Vec<LogEntry> {
    let mut seen: HashSet<(InstanceId, Name)> = HashSet::new();
    lines.retain(|line| {
        if line.text.len() > MAX_LINE {
            tracing::warn!(runner.id = %runner_id, "a log line that was too long was left out");
            return false;
        }
        seen.insert(named(line))
    });
    lines
}

/// Leaves out lines that are kept already, and those that were dropped because they were old.
async fn drop_known(
    tx: &mut Tx,
    deployment_id: DeploymentId,
    lines: &mut Vec<Line>,
) -> Result<(), AppError> {
    let Some(span) = span(lines) else {
        return Ok(());
    };
    // Names of an instance only grow, so lines that are new lie behind all that is kept of their
    // instance, and hardly ever is a segment to be opened.
    for (first_position, instances) in
        store::log_segment::overlapping(tx, deployment_id, span).await?
    {
        let printers = Printer::read(&instances)?;
        let may_be_there = |line: &Line| {
            let (instance_id, name) = named(&line.entry);
            printers
                .iter()
                .any(|printer| printer.instance_id == instance_id && printer.may_have(name))
        };
        if !lines.iter().any(may_be_there) {
            continue;
        }
        let data = store::log_segment::data(&mut *tx, deployment_id, first_position).await?;
        if let Some((raw_bytes, data)) = data {
            let opened = Opened::read(&data, raw_bytes)?;
            let there: HashSet<(InstanceId, Name)> = opened
                .lines()
                .map(|line| (line.instance_id, (line.at, line.ordinal)))
                .collect();
            lines.retain(|line| !there.contains(&named(&line.entry)));
        }
    }
    let forgotten = store::log_forgotten::since(tx, deployment_id, span.0).await?;
    lines.retain(|line| {
        let (instance_id, name) = named(&line.entry);
        !forgotten
            .iter()
            .any(|(forgotten, last)| *forgotten == instance_id && name <= *last)
    });
    Ok(())
}

/// What names a line for good.
fn named(line: &LogEntry) -> (InstanceId, Name) {
    (line.instance_id, (line.at, line.ordinal))
}

/// The earliest and the latest instant of lines.
fn span(lines: &[Line]) -> Option<(Timestamp, Timestamp)> {
    let instants = || lines.iter().map(|line| line.entry.at);
    instants().min().zip(instants().max())
}
