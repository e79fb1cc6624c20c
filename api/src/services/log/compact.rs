//! Putting open segments together, in transactions that are short enough for others to get their
//! turn in between.

use models::DeploymentId;

use super::{
    MOST_OPEN_SEGMENTS, SEGMENT_BYTES, retain,
    segment::{self, Line, Opened},
};
use crate::{
    app::App,
    error::AppError,
    store::{
        self,
        deployment_log::{Change, DeploymentLog},
        log_segment::{Head, NewSegment},
    },
};

/// How many open segments are looked at in one step. There are no more but when the job was late.
const STEP: i64 = 4 * MOST_OPEN_SEGMENTS;

/// Puts the open segments of a deployment together, and drops the oldest closed ones when they take
/// too much room.
pub async fn compact(app: &App, deployment_id: DeploymentId) -> Result<(), AppError> {
    while step(app, deployment_id).await? {}
    retain::by_size(app, deployment_id).await
}

/// One step; gives whether another one is due.
async fn step(app: &App, deployment_id: DeploymentId) -> Result<bool, AppError> {
    let Some(log) = store::deployment_log::find(&app.db, deployment_id).await? else {
        return Ok(false);
    };
    let open = store::log_segment::open(&app.db, deployment_id, log.closed_to, STEP).await?;
    let (together, closes) = enough(&open);
    if !closes && (together.len() < 2 || log.open_segments < MOST_OPEN_SEGMENTS) {
        return Ok(false);
    }
    let Some(segment) = join(app, deployment_id, together).await? else {
        // Somebody else was faster, or the log is gone.
        return Ok(true);
    };
    replace(app, deployment_id, log, together, segment, closes).await?;
    Ok(closes)
}

/// The first open segments that make a closed one, or all of them; and whether they do.
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

/// The lines of some segments as one; none when one of them is not there any more.
async fn join(
    app: &App,
    deployment_id: DeploymentId,
    heads: &[Head],
) -> Result<Option<NewSegment>, AppError> {
    let mut all = Vec::new();
    for head in heads {
        let position = head.first_position;
        match store::log_segment::data(&app.db, deployment_id, position).await? {
            Some(data) => all.push(data),
            None => return Ok(None),
        }
    }
    let joining = crate::threads::block(move || {
        let mut lines: Vec<Line> = Vec::new();
        for (raw_bytes, data) in all {
            let opened = Opened::read(&data, raw_bytes)?;
            lines.extend(opened.lines().map(segment::LineRef::to_line));
        }
        segment::write(&lines)
    });
    joining.await.map_err(AppError::internal)?
}

/// Puts a segment in the place of those that it was made of: all of it happens or nothing does.
async fn replace(
    app: &App,
    deployment_id: DeploymentId,
    log: DeploymentLog,
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
    let mut tx = app.db.begin().await?;
    store::deployment_log::change(&mut tx, deployment_id, change).await?;
    let deleted = store::log_segment::delete(&mut tx, deployment_id, span).await?;
    let mut firsts: Vec<i64> = deleted.iter().map(|part| part.first_position).collect();
    firsts.sort_unstable();
    // Whatever changed meanwhile, the lines are in those segments and nowhere else, or nothing
    // happens here.
    if !firsts
        .iter()
        .eq(parts.iter().map(|part| &part.first_position))
    {
        return Ok(tx.rollback().await?);
    }
    let kept_at = kept_at.unwrap_or_else(|| app.clock.now());
    store::log_segment::insert(&mut tx, deployment_id, &segment, kept_at).await?;
    Ok(tx.commit().await?)
}
