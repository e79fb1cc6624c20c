//! The log queue: log lines until the server acknowledges them.

use std::{collections::BTreeMap, ops::Bound, sync::Mutex, time::Duration};

use models::{
    DeploymentId,
    runner::{LogBatch, LogEntry},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use super::deployment_queue::{DeploymentQueue, cost};
use crate::sync::lock;

#[derive(Debug)]
pub(crate) struct LogQueue {
    queues: Mutex<Queues>,
    filled: Notify,
    /// Longest time that a line waits for others in its batch.
    wait: Duration,
}

#[derive(Debug, Default)]
struct Queues {
    by_deployment: BTreeMap<DeploymentId, DeploymentQueue>,
    /// The deployment that was served last.
    ///
    /// The next turn goes to the one after it, so that a chatty deployment does not keep the
    /// others waiting.
    last: Option<DeploymentId>,
    /// Number of the last batch on this link.
    batch: u64,
}

impl LogQueue {
    pub(crate) fn new(wait: Duration) -> Self {
        Self {
            queues: Mutex::default(),
            filled: Notify::new(),
            wait,
        }
    }

    /// Stores a line as soon as there is room for it.
    pub(super) async fn push(&self, deployment: DeploymentId, line: LogEntry) {
        let capacity = lock(&self.queues).queue(deployment).capacity();
        let cost = u32::try_from(cost(&line)).unwrap_or(u32::MAX);
        if let Ok(taken) = capacity.acquire_many(cost).await {
            taken.forget();
            let due = lock(&self.queues)
                .queue(deployment)
                .push(line, Instant::now());
            if due {
                self.filled.notify_one();
            }
        }
    }

    /// Returns the next batch for the server; waits until one is due.
    pub(crate) async fn next(&self) -> LogBatch {
        loop {
            let due = match lock(&self.queues).next(Instant::now(), self.wait) {
                Next::Batch(batch) => return batch,
                Next::At(due) => Some(due),
                Next::Never => None,
            };
            let due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.filled.notified() => {}
                () = due => {}
            }
        }
    }

    /// Drops everything up to this batch, which the server has acknowledged.
    pub(crate) fn acknowledge(&self, batch: u64) {
        for queue in lock(&self.queues).by_deployment.values_mut() {
            queue.acknowledge(batch);
        }
    }

    /// Prepares for a new link.
    ///
    /// Unacknowledged lines are sent again, and batches count from 1.
    pub(crate) fn requeue_unacknowledged(&self) {
        let mut queues = lock(&self.queues);
        queues.batch = 0;
        for queue in queues.by_deployment.values_mut() {
            queue.requeue_unacknowledged();
        }
    }

    /// Drops the lines of a deployment that is gone.
    pub(crate) fn remove(&self, deployment: DeploymentId) {
        lock(&self.queues).by_deployment.remove(&deployment);
    }
}

enum Next {
    Batch(LogBatch),
    At(Instant),
    Never,
}

impl Queues {
    fn queue(&mut self, deployment: DeploymentId) -> &mut DeploymentQueue {
        self.by_deployment
            .entry(deployment)
            .or_insert_with(DeploymentQueue::new)
    }

    fn next(&mut self, now: Instant, wait: Duration) -> Next {
        let after_last = self.last.map_or(Bound::Unbounded, Bound::Excluded);
        let in_turn = self
            .by_deployment
            .range((after_last, Bound::Unbounded))
            .chain(&self.by_deployment);
        let mut earliest: Option<Instant> = None;
        let mut turn = None;
        for (id, queue) in in_turn {
            match queue.due(wait) {
                Some(due) if due <= now => {
                    turn = Some(*id);
                    break;
                }
                Some(due) => earliest = Some(earliest.map_or(due, |other| other.min(due))),
                None => {}
            }
        }
        let Some(deployment_id) = turn else {
            return earliest.map_or(Next::Never, Next::At);
        };
        self.last = turn;
        self.batch += 1;
        let batch = self.batch;
        Next::Batch(LogBatch {
            batch,
            deployment_id,
            lines: self.queue(deployment_id).take(batch),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::FutureExt;
    use models::{
        DeploymentId, InstanceId,
        deployment::LogStream,
        runner::{LogEntry, MAX_RUNNER_FRAME_BYTES, RunnerFrame},
        time::Timestamp,
    };
    use uuid::Uuid;

    use super::LogQueue;

    const WAIT: Duration = Duration::from_millis(100);

    fn app(number: u128) -> DeploymentId {
        DeploymentId::from_uuid(Uuid::from_u128(number))
    }

    fn line(number: usize, text: &str) -> LogEntry {
        LogEntry {
            instance_id: InstanceId::from_uuid(Uuid::from_u128(1)),
            at: Timestamp::from_micros(i64::try_from(number).unwrap()),
            ordinal: 0,
            stream: LogStream::Stdout,
            text: text.to_owned(),
            is_cut: false,
        }
    }

    async fn push(queue: &LogQueue, deployment: DeploymentId, lines: std::ops::Range<usize>) {
        for number in lines {
            queue.push(deployment, line(number, "x")).await;
        }
    }

    fn numbers(lines: &[LogEntry]) -> Vec<usize> {
        let numbers = lines
            .iter()
            .map(|line| usize::try_from(line.at.micros()).unwrap());
        numbers.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_few_lines_wait_for_others_and_many_do_not() {
        let queue = LogQueue::new(WAIT);
        let before = tokio::time::Instant::now();
        push(&queue, app(1), 0..3).await;
        assert!(queue.next().now_or_never().is_none());
        assert_eq!(queue.next().await.lines.len(), 3);
        assert!(before.elapsed() >= WAIT);

        push(&queue, app(1), 0..501).await;
        let batch = queue
            .next()
            .now_or_never()
            .expect("a full batch is due at once");
        assert_eq!((batch.batch, batch.lines.len()), (2, 500));
    }

    #[tokio::test(start_paused = true)]
    async fn unacknowledged_lines_are_sent_again_in_order_over_the_next_link() {
        let queue = LogQueue::new(WAIT);
        push(&queue, app(1), 0..1).await;
        let first = queue.next().await;
        push(&queue, app(1), 1..2).await;
        queue.next().await;
        push(&queue, app(1), 2..4).await;
        queue.next().await;
        queue.acknowledge(first.batch);

        queue.requeue_unacknowledged();
        push(&queue, app(1), 4..5).await;
        let again = queue.next().await;
        assert_eq!(again.batch, 1);
        assert_eq!(numbers(&again.lines), [1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_lane_makes_its_reader_wait_until_the_server_has_kept_lines() {
        let queue = LogQueue::new(WAIT);
        let long = "x".repeat(16 * 1024);
        let mut taken = 0;
        while queue
            .push(app(1), line(taken, &long))
            .now_or_never()
            .is_some()
        {
            taken += 1;
        }
        assert!((10..=16).contains(&taken), "{taken} long lines fit");
        assert!(queue.push(app(2), line(0, &long)).now_or_never().is_some());

        let batch = queue.next().await;
        assert!(
            queue
                .push(app(1), line(taken, &long))
                .now_or_never()
                .is_none()
        );
        queue.acknowledge(batch.batch);
        assert!(
            queue
                .push(app(1), line(taken, &long))
                .now_or_never()
                .is_some()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_worst_lines_fit_into_a_frame() {
        // Each control character takes six bytes in JSON; short lines cost most beside their
        // text. A line longer than the last one here comes in parts.
        for (length, count) in [(1, 600), (200, 500), (16 * 1024, 9), (128 * 1024, 1)] {
            let queue = LogQueue::new(WAIT);
            let worst = "\u{1}".repeat(length);
            for number in 0..count {
                queue.push(app(1), line(number, &worst)).await;
            }
            let frame = RunnerFrame::Logs(queue.next().await);
            let bytes = serde_json::to_string(&frame).unwrap().len();
            assert!(bytes < MAX_RUNNER_FRAME_BYTES, "{bytes} bytes");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn deployments_take_turns() {
        let queue = LogQueue::new(WAIT);
        push(&queue, app(1), 0..1000).await;
        push(&queue, app(2), 0..1).await;
        tokio::time::advance(WAIT).await;
        let mut turns = Vec::new();
        for _ in 0..3 {
            turns.push(queue.next().await.deployment_id);
        }
        assert_eq!(turns, [app(1), app(2), app(1)]);
    }
}
