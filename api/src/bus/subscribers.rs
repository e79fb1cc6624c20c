//! Who in this server is told of what.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::pending,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::mpsc;

use super::{CAPACITY, Event, Topic};

/// Everybody in this server who listens; cheap to clone.
///
/// An event costs as much as there are subscribers who care for it, not as there are in all: a
/// server has thousands of links and pages, and nearly every event is about one of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscribers(Arc<Mutex<Lists>>);

#[derive(Debug, Default)]
struct Lists {
    /// The number of the next subscriber.
    next: u64,
    mailboxes: BTreeMap<u64, Mailbox>,
    by_topic: HashMap<Topic, BTreeSet<u64>>,
}

/// Where the events of one subscriber go.
#[derive(Debug)]
struct Mailbox {
    events: mpsc::Sender<Event>,
    is_behind: Arc<AtomicBool>,
}

impl Mailbox {
    fn put(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            self.is_behind.store(true, Ordering::SeqCst);
            // Who emptied the mailbox since then and saw nothing of that must still wake.
            let _ = self.events.try_send(Event::Resync);
        }
    }
}

impl Subscribers {
    pub(super) fn add(&self, topics: Vec<Topic>) -> Subscription {
        let (sender, events) = mpsc::channel(CAPACITY);
        let is_behind = Arc::new(AtomicBool::new(false));
        let mailbox = Mailbox {
            events: sender,
            is_behind: is_behind.clone(),
        };
        let mut lists = self.lock();
        let number = lists.next;
        lists.next += 1;
        lists.mailboxes.insert(number, mailbox);
        for topic in &topics {
            lists.by_topic.entry(*topic).or_default().insert(number);
        }
        drop(lists);
        Subscription {
            events,
            is_behind,
            number,
            topics,
            subscribers: self.clone(),
        }
    }

    /// Tells whoever cares.
    pub(super) fn tell(&self, event: &Event) {
        let lists = self.lock();
        let Some(topics) = event.topics() else {
            for mailbox in lists.mailboxes.values() {
                mailbox.put(event.clone());
            }
            return;
        };
        let told: BTreeSet<u64> = topics
            .iter()
            .filter_map(|topic| lists.by_topic.get(topic))
            .flatten()
            .copied()
            .collect();
        for mailbox in told.iter().filter_map(|number| lists.mailboxes.get(number)) {
            mailbox.put(event.clone());
        }
    }

    /// How many listen, and to how many topics.
    #[cfg(test)]
    pub(super) fn len(&self) -> (usize, usize) {
        let lists = self.lock();
        (lists.mailboxes.len(), lists.by_topic.len())
    }

    fn remove(&self, number: u64, topics: &[Topic]) {
        let mut lists = self.lock();
        lists.mailboxes.remove(&number);
        for topic in topics {
            if let Some(numbers) = lists.by_topic.get_mut(topic) {
                numbers.remove(&number);
                if numbers.is_empty() {
                    lists.by_topic.remove(topic);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lists> {
        // Nothing in this module panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events since [`super::Bus::subscribe`].
#[derive(Debug)]
pub struct Subscription {
    events: mpsc::Receiver<Event>,
    /// Whether an event found no room.
    is_behind: Arc<AtomicBool>,
    number: u64,
    topics: Vec<Topic>,
    subscribers: Subscribers,
}

impl Subscription {
    /// Waits for the next event. Dropping the wait loses none.
    pub async fn next(&mut self) -> Event {
        let Some(event) = self.events.recv().await else {
            // The mailbox lives as long as this does.
            return pending().await;
        };
        if self.is_behind.swap(false, Ordering::SeqCst) {
            // Whoever reads everything again needs none of these.
            while self.events.try_recv().is_ok() {}
            return Event::Resync;
        }
        event
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscribers.remove(self.number, &self.topics);
    }
}
