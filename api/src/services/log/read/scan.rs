//! Scans through segments, until enough lines are found or enough bytes read.

use models::{DeploymentId, WorkspaceId, deployment::LogLine};

use super::super::{filter::Filter, segment::Opened};
use crate::{
    app::App,
    error::AppError,
    store::{
        self,
        log_segment::{Matching, Stored},
    },
};

/// Parameters of a scan: the matching lines, their range and their limits.
#[derive(Clone, Debug)]
pub(super) struct ScanQuery {
    pub(super) direction: Direction,
    /// Position before the first line of the range.
    pub(super) after: i64,
    /// Position after the last line of the range.
    pub(super) before: i64,
    pub(super) limit: usize,
    pub(super) filter: Filter,
    pub(super) room: Room,
}

/// Direction of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the newest line back.
    Older,
    /// From the oldest line on.
    Newer,
}

/// Limits on the bytes that one scan reads and returns.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Uncompressed bytes of segments.
    pub reading: i64,
    /// Bytes of returned lines.
    pub answer: usize,
}

impl Room {
    /// Limits for one request: a fraction of a second, and as much as a page can show.
    pub const OF_A_REQUEST: Self = Self {
        reading: 64 * 1024 * 1024,
        answer: 4 * 1024 * 1024,
    };
    /// Limits for one stream message, small enough for a slow connection.
    pub const OF_A_MESSAGE: Self = Self {
        answer: 256 * 1024,
        ..Self::OF_A_REQUEST
    };
}

/// The reason why a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// No lines are left.
    NoMore,
    /// The requested number of lines is found.
    Enough,
    /// A limit on bytes is reached.
    NoRoom,
}

/// Result of a scan.
#[derive(Debug)]
pub(super) struct Scan {
    /// The lines, oldest first.
    pub(super) lines: Vec<LogLine>,
    /// Position up to which everything was searched.
    pub(super) reached: i64,
    pub(super) end: End,
}

/// Scans for lines.
pub(super) async fn run(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: ScanQuery,
) -> Result<Scan, AppError> {
    let matching: Matching = query.filter.segments();
    let direction = query.direction;
    let mut state = State {
        reached: match direction {
            Direction::Older => query.before,
            Direction::Newer => query.after,
        },
        lines: Vec::new(),
        query,
    };
    let end = loop {
        let (db, reached) = (&app.db, state.reached);
        let segments = match direction {
            Direction::Older => {
                store::log_segment::older(db, workspace_id, deployment_id, reached, matching).await
            }
            Direction::Newer => {
                store::log_segment::newer(db, workspace_id, deployment_id, reached, matching).await
            }
        }?;
        if segments.is_empty() {
            break End::NoMore;
        }
        // Opening segments takes milliseconds, which must not block other tasks.
        let searching = crate::blocking::run(move || {
            let end = state.search(&segments)?;
            Ok::<_, AppError>((state, end))
        });
        let end;
        (state, end) = searching.await.map_err(AppError::internal)??;
        if let Some(end) = end {
            break end;
        }
    };
    let State {
        mut lines, reached, ..
    } = state;
    if direction == Direction::Older {
        lines.reverse();
    }
    Ok(Scan {
        lines,
        reached,
        end,
    })
}

struct State {
    query: ScanQuery,
    reached: i64,
    /// Matching lines, in the order of the scan.
    lines: Vec<LogLine>,
}

impl State {
    /// Searches segments, which come in the direction of the scan.
    fn search(&mut self, segments: &[Stored]) -> Result<Option<End>, AppError> {
        for segment in segments {
            let opened = Opened::read(&segment.data, segment.raw_bytes)?;
            let end = match self.query.direction {
                Direction::Older => self.take(opened.lines().rev()),
                Direction::Newer => self.take(opened.lines()),
            };
            if end.is_some() {
                return Ok(end);
            }
            // Positions beyond the requested range do not count as searched.
            self.reached = match self.query.direction {
                Direction::Older => segment.first_position,
                Direction::Newer => segment.last_position,
            };
            if self.is_over() {
                return Ok(Some(End::NoMore));
            }
            self.query.room.reading -= segment.raw_bytes;
            if self.query.room.reading <= 0 {
                return Ok(Some(End::NoRoom));
            }
        }
        Ok(None)
    }

    /// True if nothing within the requested positions remains.
    fn is_over(&self) -> bool {
        match self.query.direction {
            Direction::Older => self.reached <= self.query.after.saturating_add(1),
            Direction::Newer => self.reached >= self.query.before.saturating_sub(1),
        }
    }

    /// Takes the matching lines of a segment.
    fn take<'a>(
        &mut self,
        lines: impl Iterator<Item = super::super::segment::LineRef<'a>>,
    ) -> Option<End> {
        for line in lines {
            let query = &mut self.query;
            // A merged segment may reach back into the range that was searched already.
            let (after, before) = match query.direction {
                Direction::Older => (query.after, self.reached),
                Direction::Newer => (self.reached, query.before),
            };
            let is_in = line.position > after && line.position < before;
            if !is_in || !query.filter.wants(&line) {
                continue;
            }
            let bytes = line.text.len();
            if bytes > query.room.answer && !self.lines.is_empty() {
                return Some(End::NoRoom);
            }
            query.room.answer = query.room.answer.saturating_sub(bytes);
            self.reached = line.position;
            self.lines.push(LogLine {
                position: line.position,
                instance_id: line.instance_id,
                at: line.at,
                stream: line.stream,
                text: line.text.to_owned(),
                is_cut: line.is_cut,
            });
            if self.lines.len() >= query.limit {
                return Some(End::Enough);
            }
        }
        None
    }
}
