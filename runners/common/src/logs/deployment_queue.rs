//! The queue of one deployment: log lines between the platform and the server.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use models::runner::LogEntry;
use tokio::{sync::Semaphore, time::Instant};

/// Most bytes that one deployment may keep in memory.
const CAPACITY_BYTES: usize = 256 * 1024;
/// Most lines in one batch.
const BATCH_LINES: usize = 500;
/// Most bytes in one batch.
///
/// Escaped as JSON they are at most six times as many, which still fits into
/// [`models::runner::MAX_RUNNER_FRAME_BYTES`].
const BATCH_BYTES: usize = 128 * 1024;
/// Cost of a line beside its text, in bytes.
const LINE_OVERHEAD: usize = 96;

#[derive(Debug)]
pub(super) struct DeploymentQueue {
    /// Free capacity, in bytes.
    capacity: Arc<Semaphore>,
    waiting: VecDeque<LogEntry>,
    waiting_bytes: usize,
    /// Arrival of the oldest waiting line.
    waiting_since: Instant,
    /// Batches that were sent and not acknowledged yet.
    sent: VecDeque<(u64, Vec<LogEntry>)>,
}

/// Returns the capacity that a line takes, in bytes.
pub(super) fn cost(line: &LogEntry) -> usize {
    (line.text.len() + LINE_OVERHEAD).min(CAPACITY_BYTES)
}

impl DeploymentQueue {
    pub(super) fn new() -> Self {
        Self {
            capacity: Arc::new(Semaphore::new(CAPACITY_BYTES)),
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            waiting_since: Instant::now(),
            sent: VecDeque::new(),
        }
    }

    pub(super) fn capacity(&self) -> Arc<Semaphore> {
        Arc::clone(&self.capacity)
    }

    /// Adds a line, whose capacity was reserved before.
    ///
    /// Returns true if that changes when the next batch is due.
    pub(super) fn push(&mut self, line: LogEntry, now: Instant) -> bool {
        if self.waiting.is_empty() {
            self.waiting_since = now;
        }
        let was_full = self.is_full();
        self.waiting_bytes += cost(&line);
        self.waiting.push_back(line);
        self.waiting.len() == 1 || (self.is_full() && !was_full)
    }

    /// Returns when the next batch is due; `None` if there is nothing to send.
    pub(super) fn due(&self, wait: Duration) -> Option<Instant> {
        if self.waiting.is_empty() {
            None
        } else if self.is_full() {
            Some(self.waiting_since)
        } else {
            Some(self.waiting_since + wait)
        }
    }

    /// Takes the next batch of lines; they are kept until acknowledged.
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

    /// Drops everything up to this batch, which the server has acknowledged.
    pub(super) fn acknowledge(&mut self, batch: u64) {
        while let Some((number, lines)) = self.sent.pop_front() {
            if number > batch {
                self.sent.push_front((number, lines));
                break;
            }
            self.capacity.add_permits(lines.iter().map(cost).sum());
        }
        if self.waiting.is_empty() && self.sent.is_empty() {
            self.waiting.shrink_to(8);
            self.sent.shrink_to(1);
        }
    }

    /// Queues unacknowledged lines again, in their old order, after the link broke.
    pub(super) fn requeue_unacknowledged(&mut self) {
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
