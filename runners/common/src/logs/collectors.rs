//! The collectors of one deployment.

use std::{collections::HashMap, sync::Arc};

use models::InstanceId;

use super::collector::Collector;
use crate::{
    context::Context,
    runner::{InstanceKey, LogStart, PlatformInstance, PlatformState, Runner},
};

/// How far back lines are read of an instance that this process did not start: as after a restart
/// of the runner, which does not know what it had sent. The server knows lines that it has by
/// their names and drops them; reading all of an old instance's log would cost gigabytes.
const CATCH_UP_LINES: usize = 10_000;

pub(crate) struct Collectors<R> {
    context: Arc<Context<R>>,
    by_instance: HashMap<InstanceId, Collector>,
}

impl<R: Runner> Collectors<R> {
    pub(crate) fn new(context: Arc<Context<R>>) -> Self {
        Self {
            context,
            by_instance: HashMap::new(),
        }
    }

    /// Reads the lines of everything that is there.
    pub(crate) fn follow(&mut self, present: &[PlatformInstance]) {
        // One whose instance is gone may still have lines to hand over.
        self.by_instance
            .retain(|_, collector| !collector.is_finished());
        for instance in present {
            if instance.state != PlatformState::Created {
                self.start(&instance.key, LogStart::Tail(CATCH_UP_LINES));
            }
        }
    }

    /// Reads the lines of an instance that was just started, from the first one.
    pub(crate) fn follow_new(&mut self, key: &InstanceKey) {
        self.start(key, LogStart::BEGINNING);
    }

    /// Gives away an instance's collector, so that it can be finished.
    pub(crate) fn take(&mut self, key: &InstanceKey) -> Option<Collector> {
        self.by_instance.remove(&key.instance_id)
    }

    fn start(&mut self, key: &InstanceKey, from: LogStart) {
        self.by_instance
            .entry(key.instance_id)
            .or_insert_with(|| Collector::start(Arc::clone(&self.context), *key, from));
    }
}
