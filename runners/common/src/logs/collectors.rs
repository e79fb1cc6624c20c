//! The log collectors of one deployment.

use std::{collections::HashMap, sync::Arc};

use models::InstanceId;

use super::collector::Collector;
use crate::{
    context::AgentContext,
    platform::{InstanceKey, LogStart, PlatformInstance, PlatformState, Reconciler},
};

/// Number of last lines read of an instance that this process did not start.
///
/// After a restart, the runner does not know which lines it had sent. The server recognizes
/// repeated lines by their ids and drops them; reading the whole log of an old instance would
/// cost gigabytes.
const CATCH_UP_LINES: usize = 10_000;

pub(crate) struct Collectors<R> {
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    by_instance: HashMap<InstanceId, Collector>,
}

impl<R: Reconciler> Collectors<R> {
    pub(crate) fn new(context: Arc<AgentContext>, reconciler: Arc<R>) -> Self {
        Self {
            context,
            reconciler,
            by_instance: HashMap::new(),
        }
    }

    /// Collects the lines of all present instances.
    pub(crate) fn follow(&mut self, present: &[PlatformInstance]) {
        // A collector whose instance is gone may still have lines to hand over.
        self.by_instance
            .retain(|_, collector| !collector.is_finished());
        for instance in present {
            if instance.state != PlatformState::Created {
                self.start(&instance.key, LogStart::Tail(CATCH_UP_LINES));
            }
        }
    }

    /// Collects the lines of an instance that was just started, from the first one.
    pub(crate) fn follow_new(&mut self, key: &InstanceKey) {
        self.start(key, LogStart::BEGINNING);
    }

    /// Removes and returns an instance's collector, to finish it.
    pub(crate) fn remove(&mut self, key: &InstanceKey) -> Option<Collector> {
        self.by_instance.remove(&key.instance_id)
    }

    fn start(&mut self, key: &InstanceKey, from: LogStart) {
        self.by_instance.entry(key.instance_id).or_insert_with(|| {
            Collector::start(
                Arc::clone(&self.context),
                Arc::clone(&self.reconciler),
                *key,
                from,
            )
        });
    }
}
