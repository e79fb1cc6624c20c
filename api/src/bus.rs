//! Events: hints that something changed, for current subscribers.
//!
//! An event carries ids and no content; a subscriber reads what it may see from the database.
//! So a lost event costs a moment of staleness, and wherever events may have been lost each
//! subscriber gets [`Event::Resync`] and reads everything again. Work that must happen is a
//! job, not an event.

mod event;
mod redis;
mod subscribers;

#[cfg(test)]
mod tests;

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{config, db::Tx};

pub use event::{Event, Topic};
pub use redis::BusError;
pub use subscribers::Subscription;

use redis::Publisher;
use subscribers::Subscribers;

/// The number of events that a subscriber may lag behind before it must resync.
const CAPACITY: usize = 1024;

/// Carries events inside this server and, with Redis, between servers.
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    local: Subscribers,
    others: Option<Publisher>,
}

impl Bus {
    /// Creates a bus that stays inside this server.
    pub fn in_process() -> Self {
        Self {
            local: Subscribers::default(),
            others: None,
        }
    }

    /// Creates a bus whose events the caller carries to other servers.
    pub fn external() -> (Self, mpsc::Receiver<Event>) {
        let mut bus = Self::in_process();
        let (queue, events) = mpsc::channel(CAPACITY);
        bus.others = Some(Publisher::new(queue));
        (bus, events)
    }

    /// Delivers an event of another server.
    pub fn deliver(&self, event: Event) {
        self.local.deliver(&event);
    }

    /// Creates the configured bus. With Redis, two tasks serve it until `stop`.
    ///
    /// An unreachable Redis is not an error, because subscribers resync once it answers.
    ///
    /// # Errors
    /// When the address cannot be parsed.
    pub fn connect(
        config: &config::Bus,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<Self, BusError> {
        let url = config.redis_url.expose();
        let mut bus = Self::in_process();
        if !url.is_empty() {
            bus.others = Some(redis::connect(url, &bus.local, tasks, stop)?);
        }
        Ok(bus)
    }

    /// Publishes an event once the transaction that caused it is committed.
    pub fn publish_after(&self, tx: &mut Tx, event: Event) {
        let bus = self.clone();
        tx.after_commit(move || bus.publish(event));
    }

    /// Delivers an event to the subscribers of its topics on every server. It does not wait.
    pub fn publish(&self, event: Event) {
        self.local.deliver(&event);
        if let Some(others) = &self.others {
            others.publish(event);
        }
    }

    /// Subscribes to these topics, and to every [`Event::Resync`].
    ///
    /// Subscribe first and read the state afterwards; then no change in between is missed.
    pub fn subscribe(&self, topics: impl IntoIterator<Item = Topic>) -> Subscription {
        self.local.add(topics.into_iter().collect())
    }
}

/// The queue to Redis.
type Queue = mpsc::Sender<Event>;
