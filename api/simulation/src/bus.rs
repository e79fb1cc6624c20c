//! The way of hints between servers: late, twice, in any order, or lost and then followed by word of
//! that. A server hears from time to time that it may have missed something though it did not.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::bus::{Bus, Event};
use tokio::{sync::mpsc, time::sleep};

use crate::{
    server::Life,
    world::{World, lock},
};

/// How often a hint is lost.
const LOST: f64 = 0.2;
/// How often it comes twice.
const DOUBLED: f64 = 0.1;
/// After this long at the most it is known that one was lost.
const NOTICED: Duration = Duration::from_secs(10);

/// Who is there to be told.
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

    /// A server takes part until its life is over.
    pub(crate) fn join(
        &self,
        server: usize,
        bus: &Bus,
        mut events: mpsc::Receiver<Event>,
        life: Life,
    ) {
        lock(&self.servers).insert(server, bus.clone());
        let exchange = self.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if life.is_over() {
                    return;
                }
                let carrying = exchange.clone();
                tokio::spawn(async move { carrying.carry(server, event).await });
            }
        });
    }

    /// Every server hears that it may have missed something.
    pub(crate) fn alarm(&self) {
        for bus in lock(&self.servers).values() {
            bus.deliver(Event::Resync);
        }
    }

    /// A server is gone.
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
            .wait(Duration::ZERO, self.world.nature.latency)
            .await;
        let is_lost = self.world.nature.lost_hints && self.world.happens(LOST);
        let is_doubled = self.world.happens(DOUBLED);
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
