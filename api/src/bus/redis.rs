//! Events between servers, over Redis publish and subscribe.
//!
//! Redis drops an event once it is delivered to the connected subscribers. So every gap, on
//! either side, is followed by [`Event::Resync`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use redis::{
    AsyncCommands, Client, RedisError,
    aio::{MultiplexedConnection, PubSubSink},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{CAPACITY, Event, Queue, Subscribers};
use crate::random;

/// The channel that all servers of an installation share.
const CHANNEL: &str = "berth:events";
/// The first and the longest pause between attempts, each with as much jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The interval between pings on a silent connection, and the answer's time limit.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The address of Redis cannot be used. It is not repeated, because it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("`bus.redis_url` is not a valid Redis URL, such as redis://host:6379")]
pub struct BusError;

/// A message on the Redis channel.
#[derive(Debug, Serialize, Deserialize)]
struct Message {
    /// The server that published it, and that has delivered it to its own subscribers.
    from: Uuid,
    event: Event,
}

/// The queue of events for the task that sends them.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    queue: Queue,
    has_lost: Arc<AtomicBool>,
}

impl Publisher {
    pub(super) fn new(queue: Queue) -> Self {
        Self {
            queue,
            has_lost: Arc::default(),
        }
    }

    pub(super) fn publish(&self, event: Event) {
        if self.queue.try_send(event).is_err() {
            self.has_lost.store(true, Ordering::SeqCst);
            // A receiver may have emptied the queue since, before the flag was set, and must
            // still wake.
            let _ = self.queue.try_send(Event::Resync);
        }
    }
}

/// Starts the two tasks that publish and listen until `stop`.
pub(super) fn connect(
    url: &str,
    local: &Subscribers,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Publisher, BusError> {
    let client = Client::open(url).map_err(|_| BusError)?;
    let from = Uuid::from_bytes(random::bytes());
    let (queue, events) = mpsc::channel(CAPACITY);
    let publisher = Publisher::new(queue);
    let sending = send(client.clone(), from, events, publisher.has_lost.clone());
    let listening = listen(client, from, local.clone());
    let stopped = stop.clone();
    tasks.spawn(async move { stopped.run_until_cancelled(sending).await });
    let stopped = stop.clone();
    tasks.spawn(async move { stopped.run_until_cancelled(listening).await });
    Ok(publisher)
}

/// Publishes each event, in order, and retries until Redis takes it.
async fn send(
    client: Client,
    from: Uuid,
    mut events: mpsc::Receiver<Event>,
    has_lost: Arc<AtomicBool>,
) {
    let mut connection = None;
    while let Some(event) = events.recv().await {
        deliver(&client, &mut connection, &Message { from, event }).await;
        // The queue was full for a while, so other servers missed events.
        if has_lost.swap(false, Ordering::SeqCst) {
            let event = Event::Resync;
            deliver(&client, &mut connection, &Message { from, event }).await;
        }
    }
}

async fn deliver(
    client: &Client,
    connection: &mut Option<MultiplexedConnection>,
    message: &Message,
) {
    let mut pause = Pause::default();
    loop {
        match try_deliver(client, connection, message).await {
            Ok(()) => return,
            Err(error) => {
                *connection = None;
                tracing::warn!(%error, "failed to publish an event to Redis; retrying");
                pause.wait().await;
            }
        }
    }
}

async fn try_deliver(
    client: &Client,
    connection: &mut Option<MultiplexedConnection>,
    message: &Message,
) -> Result<(), RedisError> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(client.get_multiplexed_async_connection().await?),
    };
    let text = serde_json::to_string(message).map_err(std::io::Error::other)?;
    connection.publish(CHANNEL, text).await
}

/// Delivers what other servers publish, and reconnects when the connection ends.
async fn listen(client: Client, from: Uuid, local: Subscribers) {
    let mut pause = Pause::default();
    loop {
        let ended = listen_once(&client, from, &local, &mut pause).await;
        if let Err(error) = ended {
            tracing::warn!(%error, "cannot receive events from other servers; retrying");
        }
        pause.wait().await;
    }
}

async fn listen_once(
    client: &Client,
    from: Uuid,
    local: &Subscribers,
    pause: &mut Pause,
) -> Result<(), RedisError> {
    let mut pubsub = timeout(ANSWER_TIMEOUT, client.get_async_pubsub())
        .await
        .map_err(std::io::Error::from)??;
    pubsub.subscribe(CHANNEL).await?;
    *pause = Pause::default();
    // Nothing is missed from here on; earlier events may have been.
    local.deliver(&Event::Resync);
    let (mut sink, mut messages) = pubsub.split();
    let broken = ping_until_silent(&mut sink);
    tokio::pin!(broken);
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            error = &mut broken => return Err(error),
        };
        let Some(message) = message else {
            return Ok(());
        };
        match serde_json::from_slice::<Message>(message.get_payload_bytes()) {
            Ok(message) if message.from == from => {}
            Ok(message) => local.deliver(&message.event),
            Err(error) => tracing::warn!(%error, "failed to read an event from another server"),
        }
    }
}

/// Pings Redis, and returns when an answer is missing.
///
/// A connection whose other end vanished would otherwise stay silent forever.
async fn ping_until_silent(sink: &mut PubSubSink) -> RedisError {
    loop {
        sleep(PING_INTERVAL).await;
        match timeout(ANSWER_TIMEOUT, sink.ping::<redis::Value>()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(elapsed) => return std::io::Error::from(elapsed).into(),
        }
    }
}

/// Backoff between attempts, so that a Redis that comes back is not overrun.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    async fn wait(&mut self) {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or_default();
        sleep(self.0 + Duration::from_millis(random::below(millis))).await;
        self.0 = LONGEST_PAUSE.min(self.0 * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::testing;

    #[tokio::test]
    async fn dropped_events_make_other_servers_resync() {
        let Some(url) = testing::required("BERTH_TEST_REDIS_URL") else {
            return;
        };
        let client = Client::open(url).unwrap();
        let mut pubsub = client.get_async_pubsub().await.unwrap();
        pubsub.subscribe(CHANNEL).await.unwrap();
        let (queue, events) = mpsc::channel(1);
        let has_lost = Arc::new(AtomicBool::new(false));
        let publisher = Publisher {
            queue,
            has_lost: has_lost.clone(),
        };
        let event = Event::SessionsChanged {
            user_id: Uuid::now_v7().into(),
        };
        publisher.publish(event.clone());
        publisher.publish(event.clone());
        drop(publisher);
        let from = Uuid::now_v7();
        send(client, from, events, has_lost).await;
        // Servers of other tests use the same Redis.
        let ours = pubsub.on_message().filter_map(async |message| {
            let message: Message = serde_json::from_slice(message.get_payload_bytes()).unwrap();
            (message.from == from).then_some(message.event)
        });
        let seen = timeout(Duration::from_secs(20), ours.take(2).collect::<Vec<_>>());
        assert_eq!(seen.await.unwrap(), [event, Event::Resync]);
    }
}
