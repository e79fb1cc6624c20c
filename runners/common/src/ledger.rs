//! Which commands are still news.
//!
//! A command carries the server's epoch and the workload's generation. One that is older than
//! what was seen is refused, so that a frame may come late or twice and does no harm.

use std::collections::HashMap;

use models::DeploymentId;

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    epoch: i64,
    told: bool,
    generations: HashMap<DeploymentId, i64>,
}

impl Ledger {
    /// Whether the server has said yet what should be there.
    pub(crate) const fn is_told(&self) -> bool {
        self.told
    }

    /// Whether a command of this epoch is to be followed.
    pub(crate) fn accept_epoch(&mut self, epoch: i64) -> bool {
        let news = epoch >= self.epoch;
        self.epoch = self.epoch.max(epoch);
        news
    }

    /// Whether a workload of this generation is to be followed. The same generation is: its
    /// release goes live, or fails and gives way to the one before it, without anybody having
    /// asked for something else.
    pub(crate) fn accept(&mut self, deployment: DeploymentId, generation: i64) -> bool {
        let newest = self.generations.entry(deployment).or_insert(generation);
        let news = generation >= *newest;
        *newest = generation.max(*newest);
        news
    }

    /// The server said everything that should be there. Generations of deployments that are not
    /// in it are forgotten: whatever comes of them later comes with this epoch or a higher one.
    pub(crate) fn accept_all(&mut self, named: &[DeploymentId]) {
        self.told = true;
        self.generations.retain(|id, _| named.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use models::DeploymentId;
    use uuid::Uuid;

    use super::Ledger;

    #[test]
    fn an_older_generation_is_refused_and_the_same_one_is_not() {
        let app = DeploymentId::from_uuid(Uuid::from_u128(1));
        let mut ledger = Ledger::default();
        assert!(ledger.accept(app, 3));
        assert!(!ledger.accept(app, 2));
        assert!(ledger.accept(app, 3));
        assert!(ledger.accept(app, 4));
        assert!(!ledger.accept(app, 3));
    }

    #[test]
    fn a_lower_epoch_is_refused() {
        let mut ledger = Ledger::default();
        assert!(ledger.accept_epoch(7));
        assert!(!ledger.accept_epoch(6));
        assert!(ledger.accept_epoch(7));
    }

    #[test]
    fn a_deployment_that_is_not_named_any_more_is_forgotten() {
        let app = DeploymentId::from_uuid(Uuid::from_u128(1));
        let mut ledger = Ledger::default();
        assert!(!ledger.is_told());
        assert!(ledger.accept(app, 3));
        ledger.accept_all(&[]);
        assert!(ledger.is_told());
        assert!(ledger.accept(app, 1));
    }
}
