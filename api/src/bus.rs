//! Events: hints that something changed, for whoever is looking at it now.
//!
//! An event carries ids and no content; who gets one reads what it may see from the database. So a
//! lost event costs a moment of staleness, and wherever events may have been lost each subscriber
//! gets [`Event::Resync`] and reads everything again. What must happen is a job, not an event.

mod event;
mod redis;
mod subscribers;

#[cfg(test)]
mod tests;

use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config;

pub use event::{Event, Topic};
pub use redis::BusError;
pub use subscribers::Subscription;

use redis::Publisher;
use subscribers::Subscribers;

/// How many events a subscriber may be behind before it must read everything again.
const CAPACITY: usize = 1024;

/// Carries events inside this server and, with Redis, between servers; cheap to clone.
#[derive(Clone, Debug)]
pub struct Bus {
    local: Subscribers,
    others: Option<Publisher>,
}

impl Bus {
    /// A bus that stays inside this server.
    pub fn in_process() -> Self {
        Self {
            local: Subscribers::default(),
            others: None,
        }
    }

    /// A bus whose events a simulation carries to other servers by hand.
    #[cfg(feature = "simulation")]
    pub fn by_hand() -> (Self, mpsc::Receiver<Event>) {
        let mut bus = Self::in_process();
        let (queue, events) = mpsc::channel(CAPACITY);
        bus.others = Some(Publisher::new(queue));
        (bus, events)
    }

    /// Hands over an event of another server.
    #[cfg(feature = "simulation")]
    pub fn deliver(&self, event: Event) {
        self.local.tell(&event);
    }

    /// The configured bus. With Redis two tasks keep it up until `stop`; that Redis cannot be
    /// reached yet is no error, for events catch up by themselves.
    ///
    /// # Errors
    /// When the address cannot be read.
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

    /// Tells every subscriber of every server who cares. It does not wait: to publish what a transaction
    /// changed, pass this to [`crate::db::Tx::after_commit`] or call it after the commit.
    pub fn publish(&self, event: Event) {
        self.local.tell(&event);
        if let Some(others) = &self.others {
            others.publish(event);
        }
    }

    /// Listens from now on to what is about any of these, and to every [`Event::Resync`]. Subscribe
    /// first and read the state afterwards: then nothing that changes in between is missed.
    pub fn subscribe(&self, topics: impl IntoIterator<Item = Topic>) -> Subscription {
        self.local.add(topics.into_iter().collect())
    }
}

/// The queue towards Redis.
type Queue = mpsc::Sender<Event>;
