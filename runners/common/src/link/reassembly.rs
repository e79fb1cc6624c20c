//! A desired state that arrives in parts.

use models::runner::{MAX_DESIRED_STATE_BYTES, Workload};

/// Most parts of a desired state; more than any server needs.
const MAX_PARTS: usize = 1_024;

/// The parts of one link that have arrived.
///
/// Their total size is bounded: unfinished parts stay in memory until the last one comes, and a
/// hostile server never sends that.
#[derive(Debug, Default)]
pub(super) struct Reassembly {
    epoch: i64,
    count: usize,
    bytes: usize,
    workloads: Vec<Workload>,
}

/// The unfinished parts exceed the limit of a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the desired state is larger than {} MiB, or has more than {MAX_PARTS} parts",
    MAX_DESIRED_STATE_BYTES >> 20
)]
pub(super) struct StateTooLarge;

impl Reassembly {
    /// Adds a part from a frame of `frame_bytes`.
    ///
    /// Returns the whole state with the last part. Drops unfinished parts of another epoch.
    ///
    /// # Errors
    /// When all parts together are too large.
    pub(super) fn add(
        &mut self,
        epoch: i64,
        part: Vec<Workload>,
        frame_bytes: usize,
        more: bool,
    ) -> Result<Option<Vec<Workload>>, StateTooLarge> {
        if epoch != self.epoch {
            *self = Self {
                epoch,
                ..Self::default()
            };
        }
        self.count += 1;
        self.bytes = self.bytes.saturating_add(in_memory(&part, frame_bytes));
        if self.count > MAX_PARTS || self.bytes > MAX_DESIRED_STATE_BYTES {
            return Err(StateTooLarge);
        }
        self.workloads.extend(part);
        if more {
            return Ok(None);
        }
        self.count = 0;
        self.bytes = 0;
        Ok(Some(std::mem::take(&mut self.workloads)))
    }
}

/// Estimates the memory of a part: its texts, and the structs that hold them.
///
/// The structs are much larger than the shortest frame that makes one.
fn in_memory(part: &[Workload], frame_bytes: usize) -> usize {
    size_of_val(part).saturating_add(frame_bytes)
}

#[cfg(test)]
mod tests {
    use models::{
        DeploymentId,
        deployment::DesiredState,
        runner::{MAX_DESIRED_STATE_BYTES, Workload},
    };
    use uuid::Uuid;

    use super::{MAX_PARTS, Reassembly, StateTooLarge};

    fn workload() -> Workload {
        Workload {
            deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
            generation: 1,
            desired: DesiredState::Stopped,
            release: None,
            watched_tag: None,
            network: None,
            run: None,
        }
    }

    #[test]
    fn parts_make_a_whole_once_the_last_one_is_there() {
        let mut reassembly = Reassembly::default();
        let [a, b, c] = [workload(), workload(), workload()];
        assert_eq!(reassembly.add(1, vec![a.clone()], 1, true), Ok(None));
        assert_eq!(
            reassembly.add(1, vec![b.clone()], 1, false),
            Ok(Some(vec![a, b])),
            "in their order"
        );
        assert_eq!(
            reassembly.add(1, vec![c.clone()], 1, false),
            Ok(Some(vec![c]))
        );
    }

    #[test]
    fn unfinished_parts_of_another_link_are_dropped() {
        let mut reassembly = Reassembly::default();
        let new = workload();
        assert_eq!(reassembly.add(1, vec![workload()], 1, true), Ok(None));
        assert_eq!(
            reassembly.add(2, vec![new.clone()], 1, false),
            Ok(Some(vec![new]))
        );
    }

    #[test]
    fn a_state_without_end_is_refused() {
        let mut reassembly = Reassembly::default();
        for _ in 0..MAX_PARTS {
            assert_eq!(reassembly.add(1, Vec::new(), 1, true), Ok(None));
        }
        assert_eq!(reassembly.add(1, Vec::new(), 1, true), Err(StateTooLarge));
    }

    #[test]
    fn one_bound_holds_over_all_parts_and_starts_again_after_the_last_one() {
        let mut reassembly = Reassembly::default();
        let third = MAX_DESIRED_STATE_BYTES / 3;
        for _ in 0..3 {
            assert_eq!(reassembly.add(1, Vec::new(), third, true), Ok(None));
            assert_eq!(reassembly.add(1, Vec::new(), third, true), Ok(None));
            assert_eq!(
                reassembly.add(1, Vec::new(), third, false),
                Ok(Some(Vec::new()))
            );
        }
        for _ in 0..3 {
            assert_eq!(reassembly.add(1, Vec::new(), third, true), Ok(None));
        }
        assert_eq!(
            reassembly.add(1, Vec::new(), third, true),
            Err(StateTooLarge)
        );
    }

    #[test]
    fn tiny_workloads_count_as_the_memory_that_they_take() {
        let mut reassembly = Reassembly::default();
        let many = MAX_DESIRED_STATE_BYTES / size_of::<Workload>() / 2 + 1;
        let part = vec![workload(); many];
        assert_eq!(reassembly.add(1, part.clone(), 1, true), Ok(None));
        assert_eq!(reassembly.add(1, part, 1, true), Err(StateTooLarge));
    }
}
