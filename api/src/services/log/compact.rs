//! Merging of open segments, in short transactions.
//!
//! Other writers get their turn between two of them.

use models::DeploymentId;

use super::{
    MOST_OPEN_SEGMENTS, SEGMENT_BYTES, retention,
    segment::{self, Line, Opened},
};
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    store::{
        self,
        deployment_log::{Change, DeploymentLog},
        log_segment::{Head, NewSegment},
    },
};

/// Open segments per step; there are more only when the job was late.
const STEP: i64 = 4 * MOST_OPEN_SEGMENTS;

/// Merges a deployment's open segments and enforces the size limit.
///
/// The oldest closed segments are dropped when the log takes too much space.
pub async fn compact(app: &App, deployment_id: DeploymentId) -> Result<(), AppError> {
    while step(app, deployment_id).await? {}
    retention::by_size(app, deployment_id).await
}

/// Runs one step; returns true if another one is due.
async fn step(app: &App, deployment_id: DeploymentId) -> Result<bool, AppError> {
    let Some(log) = store::deployment_log::find(&app.db, deployment_id).await? else {
        return Ok(false);
    };
    let open = store::log_segment::open(&app.db, &log, STEP).await?;
    let (together, closes) = enough(&open);
    if !closes && (together.len() < 2 || log.open_segments < MOST_OPEN_SEGMENTS) {
        return Ok(false);
    }
    let Some(segment) = join(app, &log, together).await? else {
        // Another server was faster, or the log is gone.
        return Ok(true);
    };
    replace(app, &log, together, segment, closes).await?;
    Ok(closes)
}

/// Returns the first open segments that fill a closed one, or else all of them.
///
/// The flag is true if they fill one.
fn enough(open: &[Head]) -> (&[Head], bool) {
    let mut bytes = 0;
    for (count, head) in (1..).zip(open) {
        bytes += head.raw_bytes;
        if bytes >= SEGMENT_BYTES {
            return (&open[..count], true);
        }
    }
    (open, false)
}

/// Reads the lines of adjacent segments; `None` if one is gone.
async fn join(
    app: &App,
    log: &DeploymentLog,
    heads: &[Head],
) -> Result<Option<NewSegment>, AppError> {
    let mut all = Vec::new();
    for head in heads {
        let position = head.first_position;
        match store::log_segment::data(&app.db, log, position).await? {
            Some(data) => all.push(data),
            None => return Ok(None),
        }
    }
    let joining = crate::blocking::run(move || {
        let mut lines: Vec<Line> = Vec::new();
        for (raw_bytes, data) in all {
            let opened = Opened::read(&data, raw_bytes)?;
            lines.extend(opened.lines().map(segment::LineRef::to_line));
        }
        segment::write(&lines)
    });
    joining.await.map_err(AppError::internal)?
}

/// Replaces segments by the one merged from them, all or nothing.
async fn replace(
    app: &App,
    log: &DeploymentLog,
    parts: &[Head],
    segment: NewSegment,
    closes: bool,
) -> Result<(), AppError> {
    let sum = |of: fn(&Head) -> i64| parts.iter().map(of).sum::<i64>();
    let (raw_bytes, stored_bytes) = (sum(|head| head.raw_bytes), sum(|head| head.stored_bytes));
    let count = i64::try_from(parts.len()).map_err(AppError::internal)?;
    let kept_at = parts.iter().map(Head::kept_at).max();
    let stored = segment.stored_bytes() - stored_bytes;
    let change = if closes {
        Change {
            closed_to: segment.last_position - log.closed_to,
            open_segments: -count,
            open_bytes: -raw_bytes,
            stored_bytes: stored,
        }
    } else {
        Change {
            closed_to: 0,
            open_segments: 1 - count,
            open_bytes: segment.raw_bytes - raw_bytes,
            stored_bytes: stored,
        }
    };
    let span = (segment.first_position, segment.last_position);
    let kept_at = kept_at.unwrap_or_else(|| app.clock.now());
    app.db
        .write(async |tx| {
            let Some(log) = store::deployment_log::lock(tx, log).await? else {
                return Ok(Abandon(()));
            };
            store::deployment_log::change(tx, &log, change).await?;
            let deleted = store::log_segment::delete(tx, &log, span).await?;
            let mut firsts: Vec<i64> = deleted.iter().map(|part| part.first_position).collect();
            firsts.sort_unstable();
            // If the log changed meanwhile, the deleted segments differ from the merged ones.
            // Replacing them would lose or repeat lines, so nothing happens.
            if !firsts
                .iter()
                .eq(parts.iter().map(|part| &part.first_position))
            {
                return Ok(Abandon(()));
            }
            store::log_segment::insert(tx, &log, &segment, kept_at).await?;
            Ok(Commit(()))
        })
        .await
}
