//! A desired state that comes in parts.

use models::runner::Workload;

/// More parts than any server needs; a hostile one must not fill the memory.
const MAX_PARTS: usize = 32;

/// The parts that came so far.
#[derive(Debug, Default)]
pub(super) struct Parts {
    epoch: i64,
    count: usize,
    workloads: Vec<Workload>,
}

/// There are more parts than a runner takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the desired state has more than {MAX_PARTS} parts")]
pub(super) struct TooManyParts;

impl Parts {
    /// Adds a part; gives the whole when it was the last one. Parts of another link's state that
    /// were never completed count no more.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn add(
        &mut self,
        epoch: i64,
        part: Vec<Workload>,
        more: bool,
    ) -> Result<Option<Vec<Workload>>, TooManyParts> {
        if epoch != self.epoch {
            *self = Self {
                epoch,
                ..Self::default()
            };
        }
        self.count += 1;
        if self.count > MAX_PARTS {
            return Err(TooManyParts);
        }
        self.workloads.extend(part);
        if more {
            return Ok(None);
        }
        self.count = 0;
        Ok(Some(std::mem::take(&mut self.workloads)))
    }
}

#[cfg(test)]
mod tests {
    use models::{DeploymentId, deployment::DesiredState, runner::Workload};
    use uuid::Uuid;

    use super::{MAX_PARTS, Parts, TooManyParts};

    fn workload() -> Workload {
        Workload {
            deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
            generation: 1,
            desired: DesiredState::Stopped,
            release: None,
            watched_tag: None,
        }
    }

    #[test]
    fn parts_make_a_whole_once_the_last_one_is_there() {
        let mut parts = Parts::default();
        let [a, b, c] = [workload(), workload(), workload()];
        assert_eq!(parts.add(1, vec![a.clone()], true), Ok(None));
        assert_eq!(
            parts.add(1, vec![b.clone()], false),
            Ok(Some(vec![a, b])),
            "in their order"
        );
        assert_eq!(parts.add(1, vec![c.clone()], false), Ok(Some(vec![c])));
    }

    #[test]
    fn what_another_link_left_unfinished_is_forgotten() {
        let mut parts = Parts::default();
        let new = workload();
        assert_eq!(parts.add(1, vec![workload()], true), Ok(None));
        assert_eq!(parts.add(2, vec![new.clone()], false), Ok(Some(vec![new])));
    }

    #[test]
    fn a_state_without_end_is_refused() {
        let mut parts = Parts::default();
        for _ in 0..MAX_PARTS {
            assert_eq!(parts.add(1, Vec::new(), true), Ok(None));
        }
        assert_eq!(parts.add(1, Vec::new(), true), Err(TooManyParts));
    }
}
