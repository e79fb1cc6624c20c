//! The lines of one deployment between the platform and the server.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use models::runner::LogEntry;
use tokio::{sync::Semaphore, time::Instant};

/// What one deployment may keep in memory, in bytes.
const ROOM: usize = 256 * 1024;
/// The most lines in one batch.
const BATCH_LINES: usize = 500;
/// The most bytes in one batch. Escaped as JSON they are at most six times as many, which still
/// fits into [`models::runner::MAX_RUNNER_FRAME_BYTES`].
const BATCH_BYTES: usize = 128 * 1024;
/// What a line costs beside its text.
const LINE_OVERHEAD: usize = 96;

#[derive(Debug)]
pub(super) struct Lane {
    /// Bytes that may still come in.
    room: Arc<Semaphore>,
    waiting: VecDeque<LogEntry>,
    waiting_bytes: usize,
    /// Since when the oldest of them waits.
    waiting_since: Instant,
    /// Batches that were sent and that the server did not confirm yet.
    sent: VecDeque<(u64, Vec<LogEntry>)>,
}

/// What a line takes of the room.
pub(super) fn cost(line: &LogEntry) -> usize {
    (line.text.len() + LINE_OVERHEAD).min(ROOM)
}

impl Lane {
    pub(super) fn new() -> Self {
        Self {
            room: Arc::new(Semaphore::new(ROOM)),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            waiting_since: Instant::now(),
            sent: VecDeque::new(),
        }
    }

    pub(super) fn room(&self) -> Arc<Semaphore> {
        Arc::clone(&self.room)
    }

    /// Takes a line in; its room was taken before. Returns whether that changes when the next
    /// batch is due.
    pub(super) fn push(&mut self, line: LogEntry, now: Instant) -> bool {
        if self.waiting.is_empty() {
            self.waiting_since = now;
        }
        let was_full = self.is_full();
        self.waiting_bytes += cost(&line);
        self.waiting.push_back(line);
        self.waiting.len() == 1 || (self.is_full() && !was_full)
    }

    /// When the next batch should be sent, if there is anything to send.
    pub(super) fn due(&self, wait: Duration) -> Option<Instant> {
        if self.waiting.is_empty() {
            None
        } else if self.is_full() {
            Some(self.waiting_since)
        } else {
            Some(self.waiting_since + wait)
        }
    }

    /// The next lines to send, as many as fit into a batch. They are kept until confirmed.
    pub(super) fn take(&mut self, batch: u64) -> Vec<LogEntry> {
        let mut bytes = 0;
        let fitting = self.waiting.iter().take(BATCH_LINES).take_while(|line| {
            bytes += cost(line);
            bytes <= BATCH_BYTES
        });
        // One line always fits: lines are cut to far less than a batch.
        let count = fitting.count().max(1).min(self.waiting.len());
        let lines: Vec<LogEntry> = self.waiting.drain(..count).collect();
        self.waiting_bytes -= lines.iter().map(cost).sum::<usize>();
        self.sent.push_back((batch, lines.clone()));
        lines
    }

    /// The server has everything up to this batch.
    pub(super) fn kept(&mut self, batch: u64) {
        while let Some((number, lines)) = self.sent.pop_front() {
            if number > batch {
                self.sent.push_front((number, lines));
                break;
            }
            self.room.add_permits(lines.iter().map(cost).sum());
        }
        if self.waiting.is_empty() && self.sent.is_empty() {
            self.waiting.shrink_to(8);
            self.sent.shrink_to(1);
        }
    }

    /// The link is gone: what was not confirmed is to be sent again, in its old order.
    pub(super) fn rewind(&mut self) {
        while let Some((_, lines)) = self.sent.pop_back() {
            self.waiting_bytes += lines.iter().map(cost).sum::<usize>();
            for line in lines.into_iter().rev() {
                self.waiting.push_front(line);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= BATCH_LINES || self.waiting_bytes >= BATCH_BYTES
    }
}
