//! The outbox: outgoing frames, newest state per workload.
//!
//! Each frame is a state, not an event: a newer frame on the same subject replaces the older
//! one. So the outbox stays as small as the number of deployments however slow the link is. It
//! is safe to drop with a link, because the next link begins with a resync.

use std::{collections::VecDeque, sync::Mutex};

use models::runner::{MAX_SAMPLES_PER_FRAME, RunnerFrame, StatsSample};
use tokio::sync::Notify;

use crate::sync::lock;

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    open: bool,
    frames: VecDeque<RunnerFrame>,
}

impl Outbox {
    /// Opens the outbox for a new link, with its first frame.
    pub(crate) fn open(&self, first: RunnerFrame) {
        let mut queue = lock(&self.queue);
        queue.open = true;
        queue.frames.clear();
        queue.frames.push_back(first);
        drop(queue);
        self.filled.notify_one();
    }

    /// Closes the outbox; frames are dropped until the next link.
    pub(crate) fn close(&self) {
        *lock(&self.queue) = Queue::default();
    }

    /// True while a link stands.
    pub(crate) fn is_open(&self) -> bool {
        lock(&self.queue).open
    }

    /// Queues a frame for the server.
    pub(crate) fn push(&self, frame: RunnerFrame) {
        let mut queue = lock(&self.queue);
        if !queue.open {
            return;
        }
        queue.frames.retain(|older| !replaces(&frame, older));
        queue.frames.push_back(frame);
        drop(queue);
        self.filled.notify_one();
    }

    /// Queues samples for the server.
    ///
    /// They replace waiting samples: a link that is too slow for all of them carries the
    /// newest.
    pub(crate) fn push_samples(&self, samples: &[StatsSample]) {
        let mut queue = lock(&self.queue);
        if !queue.open {
            return;
        }
        let is_stats = |frame: &RunnerFrame| matches!(frame, RunnerFrame::Stats { .. });
        queue.frames.retain(|older| !is_stats(older));
        let frames = samples.chunks(MAX_SAMPLES_PER_FRAME);
        queue
            .frames
            .extend(frames.map(|samples| RunnerFrame::Stats {
                samples: samples.to_vec(),
            }));
        drop(queue);
        self.filled.notify_one();
    }

    /// Returns the next frame; waits for one.
    pub(crate) async fn next(&self) -> RunnerFrame {
        loop {
            if let Some(frame) = lock(&self.queue).frames.pop_front() {
                return frame;
            }
            self.filled.notified().await;
        }
    }
}

/// True if the newer frame makes the older one redundant.
fn replaces(newer: &RunnerFrame, older: &RunnerFrame) -> bool {
    match (newer, older) {
        (
            RunnerFrame::ObservationChanged { workload: newer },
            RunnerFrame::ObservationChanged { workload: older },
        ) => newer.deployment_id == older.deployment_id,
        // Each phase is sent, since its time belongs to the release's timeline.
        (RunnerFrame::Release(newer), RunnerFrame::Release(older)) => {
            newer.release_id == older.release_id && newer.phase == older.phase
        }
        (RunnerFrame::Run(newer), RunnerFrame::Run(older)) => newer.run_id == older.run_id,
        (
            RunnerFrame::Removed {
                deployment_id: newer,
                ..
            },
            RunnerFrame::Removed {
                deployment_id: older,
                ..
            },
        ) => newer == older,
        (
            RunnerFrame::VolumeRemoved { volume_id: newer }
            | RunnerFrame::VolumeRemovalFailed {
                volume_id: newer, ..
            },
            RunnerFrame::VolumeRemoved { volume_id: older }
            | RunnerFrame::VolumeRemovalFailed {
                volume_id: older, ..
            },
        )
        | (
            RunnerFrame::VolumeLost { volume_id: newer },
            RunnerFrame::VolumeLost { volume_id: older },
        ) => newer == older,
        (RunnerFrame::TagResolved(newer), RunnerFrame::TagResolved(older)) => {
            newer.deployment_id == older.deployment_id
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use models::{
        DeploymentId, InstanceId, ReleaseId,
        deployment::Usage,
        runner::{MAX_RUNNER_FRAME_BYTES, RunnerFrame, StatsSample, WorkloadObservation},
        time::Timestamp,
    };

    use super::Outbox;

    fn observation(deployment: u128, generation: i64) -> RunnerFrame {
        RunnerFrame::ObservationChanged {
            workload: WorkloadObservation {
                deployment_id: DeploymentId::from_uuid(uuid::Uuid::from_u128(deployment)),
                generation,
                instances: Vec::new(),
                error: None,
            },
        }
    }

    #[test]
    fn a_newer_word_about_the_same_deployment_replaces_the_older_one() {
        let outbox = Outbox::default();
        outbox.open(RunnerFrame::Heartbeat);
        outbox.push(observation(1, 1));
        outbox.push(observation(2, 1));
        outbox.push(observation(1, 2));
        let frames: Vec<_> = std::iter::from_fn(|| outbox.next().now_or_never()).collect();
        assert_eq!(
            frames,
            [RunnerFrame::Heartbeat, observation(2, 1), observation(1, 2)]
        );
    }

    /// Returns a sample of the largest size.
    fn sample(number: u128) -> StatsSample {
        let id = uuid::Uuid::from_u128(number);
        StatsSample {
            deployment_id: DeploymentId::from_uuid(id),
            release_id: ReleaseId::from_uuid(id),
            instance_id: InstanceId::from_uuid(id),
            at: Timestamp::from_micros(i64::MAX),
            usage: Usage::default().map(|_| u64::MAX),
        }
    }

    #[test]
    fn newer_samples_replace_those_that_wait_and_no_frame_is_too_large() {
        let outbox = Outbox::default();
        outbox.open(RunnerFrame::Heartbeat);
        outbox.push_samples(&[sample(1)]);
        let many: Vec<_> = (0..2_500).map(sample).collect();
        outbox.push_samples(&many);
        let frames: Vec<_> = std::iter::from_fn(|| outbox.next().now_or_never()).collect();
        assert_eq!(frames[0], RunnerFrame::Heartbeat);
        let mut told = Vec::new();
        for frame in &frames[1..] {
            let size = serde_json::to_string(frame).unwrap().len();
            assert!(size < MAX_RUNNER_FRAME_BYTES / 2, "{size} bytes");
            let RunnerFrame::Stats { samples } = frame else {
                panic!("{frame:?}");
            };
            told.extend_from_slice(samples);
        }
        assert_eq!(told, many);
    }

    #[test]
    fn without_a_link_nothing_is_kept() {
        let outbox = Outbox::default();
        outbox.push(observation(1, 1));
        outbox.push_samples(&[sample(1)]);
        assert!(outbox.next().now_or_never().is_none());
        outbox.open(RunnerFrame::Heartbeat);
        outbox.push(observation(1, 1));
        outbox.close();
        assert!(outbox.next().now_or_never().is_none());
    }
}
