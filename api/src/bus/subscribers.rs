//! Subscribers of this server, by topic.

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

/// All subscribers of this server; cheap to clone.
///
/// The cost of an event grows with the subscribers to its topics, not with all subscribers: a
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

/// The sending end of one subscriber's queue.
#[derive(Debug)]
struct Mailbox {
    events: mpsc::Sender<Event>,
    is_behind: Arc<AtomicBool>,
}

impl Mailbox {
    fn put(&self, event: Event) {
        if self.events.try_send(event).is_err() {
            self.is_behind.store(true, Ordering::SeqCst);
            // The subscriber may have emptied its queue since, before the flag was set, and
            // must still wake.
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

    /// Delivers an event to the subscribers of its topics.
    pub(super) fn deliver(&self, event: &Event) {
        let lists = self.lock();
        let Some(topics) = event.topics() else {
            for mailbox in lists.mailboxes.values() {
                mailbox.put(event.clone());
            }
            return;
        };
        let receivers: BTreeSet<u64> = topics
            .iter()
            .filter_map(|topic| lists.by_topic.get(topic))
            .flatten()
            .copied()
            .collect();
        for mailbox in receivers
            .iter()
            .filter_map(|number| lists.mailboxes.get(number))
        {
            mailbox.put(event.clone());
        }
    }

    /// The numbers of subscribers and of topics with subscribers.
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

/// Events since [`super::Bus::subscribe`].
#[derive(Debug)]
pub struct Subscription {
    events: mpsc::Receiver<Event>,
    /// True if an event was dropped because the queue was full.
    is_behind: Arc<AtomicBool>,
    number: u64,
    topics: Vec<Topic>,
    subscribers: Subscribers,
}

impl Subscription {
    /// Waits for the next event. Cancel safe: dropping the future loses no event.
    pub async fn next(&mut self) -> Event {
        let Some(event) = self.events.recv().await else {
            // The sender lives as long as this subscription does.
            return pending().await;
        };
        if self.is_behind.swap(false, Ordering::SeqCst) {
            // A resync makes the queued events redundant.
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
