//! The path of events between servers.
//!
//! Events arrive late, twice, in any order, or not at all, and a loss is followed by a resync.
//! From time to time a server gets a resync though nothing was lost.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::bus::{Bus, Event};
use tokio::{sync::mpsc, time::sleep};

use crate::{
    server::ProcessState,
    world::{World, lock},
};

/// The probability that an event is lost.
const LOST: f64 = 0.2;
/// The probability that an event arrives twice.
const DOUBLED: f64 = 0.1;
/// The longest time until a loss is noticed.
const NOTICED: Duration = Duration::from_secs(10);

/// The servers that take part in the exchange.
#[derive(Clone)]
pub(crate) struct Exchange {
    world: Arc<World>,
    servers: Arc<Mutex<BTreeMap<usize, Bus>>>,
}

impl Exchange {
    pub(crate) fn new(world: Arc<World>) -> Self {
        Self {
            world,
            servers: Arc::default(),
        }
    }

    /// Adds a server until the end of its process.
    pub(crate) fn join(
        &self,
        server: usize,
        bus: &Bus,
        mut events: mpsc::Receiver<Event>,
        process: ProcessState,
    ) {
        lock(&self.servers).insert(server, bus.clone());
        let exchange = self.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if process.is_over() {
                    return;
                }
                let carrying = exchange.clone();
                tokio::spawn(async move { carrying.carry(server, event).await });
            }
        });
    }

    /// Sends every server a resync.
    pub(crate) fn alarm(&self) {
        for bus in lock(&self.servers).values() {
            bus.deliver(Event::Resync);
        }
    }

    /// Removes a server.
    pub(crate) fn leave(&self, server: usize) {
        lock(&self.servers).remove(&server);
    }

    async fn carry(&self, from: usize, event: Event) {
        let others: Vec<Bus> = lock(&self.servers)
            .iter()
            .filter(|(number, _)| **number != from)
            .map(|(_, bus)| bus.clone())
            .collect();
        if others.is_empty() {
            return;
        }
        self.world
            .wait(Duration::ZERO, self.world.profile.latency)
            .await;
        let is_lost = self.world.profile.lost_hints && self.world.chance(LOST);
        let is_doubled = self.world.chance(DOUBLED);
        if is_doubled {
            self.world.count("hint doubled");
        }
        if is_lost {
            self.world.count("hint lost");
        }
        for other in others {
            if is_lost {
                let after = self.world.draw(|c| c.between(Duration::ZERO, NOTICED));
                tokio::spawn(async move {
                    sleep(after).await;
                    other.deliver(Event::Resync);
                });
            } else {
                other.deliver(event.clone());
                if is_doubled {
                    other.deliver(event.clone());
                }
            }
        }
    }
}
