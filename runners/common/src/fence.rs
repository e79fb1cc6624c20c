//! The fence: refuses commands with an old epoch or generation.
//!
//! A command carries the server's epoch and the workload's generation. One that is older than
//! the newest seen is refused, so frames that come late or twice do no harm.

use std::collections::{HashMap, HashSet};

use models::runner::WorkloadId;

#[derive(Debug, Default)]
pub(crate) struct Fence {
    epoch: i64,
    synced: bool,
    generations: HashMap<WorkloadId, i64>,
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

    /// Records a complete desired state.
    ///
    /// Generations of workloads that are not in it are dropped: any later command for them
    /// has this epoch or a higher one.
    pub(crate) fn retain(&mut self, named: &HashSet<WorkloadId>) {
        self.synced = true;
        self.generations.retain(|id, _| named.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use models::{DeploymentId, runner::WorkloadId};
    use uuid::Uuid;

    use super::Fence;

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
