//! The fence: refuses commands with an old epoch or generation.
//!
//! A command carries the server's epoch and the workload's generation. One that is older than
//! the newest seen is refused, so frames that come late or twice do no harm.

use std::collections::{HashMap, HashSet, VecDeque};

use models::runner::WorkloadId;

/// The number of ended runs whose generations are kept.
///
/// Frames of one link overtake each other by moments, in which far fewer runs end.
const ENDED_RUNS: usize = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Fence {
    epoch: i64,
    synced: bool,
    generations: HashMap<WorkloadId, i64>,
    /// Ended runs, the oldest first.
    ended: VecDeque<WorkloadId>,
}

impl Fence {
    /// True once the server has sent the whole desired state.
    pub(crate) const fn is_synced(&self) -> bool {
        self.synced
    }

    /// True if a command of this epoch is to be followed.
    pub(crate) fn accept_epoch(&mut self, epoch: i64) -> bool {
        let news = epoch >= self.epoch;
        self.epoch = self.epoch.max(epoch);
        news
    }

    /// True if a workload of this generation is to be followed.
    ///
    /// An equal generation is: its release goes live, or fails and gives way to the previous
    /// one, without a change by people.
    pub(crate) fn accept(&mut self, workload: WorkloadId, generation: i64) -> bool {
        let newest = self.generations.entry(workload).or_insert(generation);
        let news = generation >= *newest;
        *newest = generation.max(*newest);
        news
    }

    /// Records that a run ended, and drops the generations of those long before it.
    pub(crate) fn ended(&mut self, run: WorkloadId) {
        self.ended.push_back(run);
        if self.ended.len() > ENDED_RUNS
            && let Some(oldest) = self.ended.pop_front()
        {
            self.generations.remove(&oldest);
        }
    }

    /// Records a complete desired state.
    ///
    /// Generations of workloads that are not in it are dropped: any later command for them
    /// has this epoch or a higher one.
    pub(crate) fn retain(&mut self, named: &HashSet<WorkloadId>) {
        self.synced = true;
        self.generations.retain(|id, _| named.contains(id));
        self.ended.retain(|id| named.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use models::{DeploymentId, RunId, runner::WorkloadId};
    use uuid::Uuid;

    use super::{ENDED_RUNS, Fence};

    #[test]
    fn an_older_generation_is_refused_and_the_same_one_is_not() {
        let app = WorkloadId::from(DeploymentId::from_uuid(Uuid::from_u128(1)));
        let mut fence = Fence::default();
        assert!(fence.accept(app, 3));
        assert!(!fence.accept(app, 2));
        assert!(fence.accept(app, 3));
        assert!(fence.accept(app, 4));
        assert!(!fence.accept(app, 3));
    }

    #[test]
    fn a_lower_epoch_is_refused() {
        let mut fence = Fence::default();
        assert!(fence.accept_epoch(7));
        assert!(!fence.accept_epoch(6));
        assert!(fence.accept_epoch(7));
    }

    #[test]
    fn a_run_that_ended_stays_refused_for_long_and_not_for_ever() {
        let run = |number: usize| WorkloadId {
            deployment_id: DeploymentId::from_uuid(Uuid::from_u128(1)),
            run_id: Some(RunId::from_uuid(Uuid::from_u128(number as u128))),
        };
        let mut fence = Fence::default();
        for number in 0..3 * ENDED_RUNS {
            assert!(fence.accept(run(number), 1));
            assert!(fence.accept(run(number), 2));
            fence.ended(run(number));
            assert!(!fence.accept(run(number.saturating_sub(100)), 1));
        }
        assert_eq!(fence.generations.len(), ENDED_RUNS);
        fence.retain(&HashSet::new());
        assert!(fence.generations.is_empty() && fence.ended.is_empty());
    }

    #[test]
    fn a_deployment_that_is_not_named_any_more_is_forgotten() {
        let app = WorkloadId::from(DeploymentId::from_uuid(Uuid::from_u128(1)));
        let mut fence = Fence::default();
        assert!(!fence.is_synced());
        assert!(fence.accept(app, 3));
        fence.retain(&HashSet::new());
        assert!(fence.is_synced());
        assert!(fence.accept(app, 1));
    }
}
