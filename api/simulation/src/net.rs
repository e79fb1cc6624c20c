//! The network between runners and servers: slow, stalling, breaking connections.
//!
//! It keeps the guarantees of TCP and no others: bytes arrive in order and once, or the
//! connection breaks. Further faults of frames (duplicates, old ones after new ones) result
//! from links that end and begin, as in production.

mod pipe;
mod stream;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use axum::serve::Listener;
use tokio::sync::mpsc;

pub(crate) use stream::Stream;
use stream::Wire;

use crate::world::{World, lock};

/// The port on which a server listens.
const PORT: u16 = 3000;

/// The network of a run.
pub(crate) struct Net {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The listening servers.
    doors: BTreeMap<usize, mpsc::UnboundedSender<(Stream, SocketAddr)>>,
    /// Directions in which nothing arrives.
    cuts: BTreeSet<Way>,
    wires: Vec<Weak<Wire>>,
}

/// A direction between two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    pub(crate) runner: usize,
    pub(crate) server: usize,
    /// True if it leads to the server.
    pub(crate) up: bool,
}

/// The way in which a host disappears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// Its process ended: the operating system resets its connections.
    Process,
    /// The whole machine is gone: its connections fall silent.
    Machine,
}

impl Net {
    pub(crate) fn new(world: Arc<World>) -> Arc<Self> {
        Arc::new(Self {
            world,
            state: Mutex::default(),
        })
    }

    /// Listens for connections to a server.
    pub(crate) fn listen(&self, server: usize) -> Door {
        let (sender, waiting) = mpsc::unbounded_channel();
        lock(&self.state).doors.insert(server, sender);
        Door { server, waiting }
    }

    /// Connects a runner to a server that the load balancer chooses.
    pub(crate) async fn connect(self: &Arc<Self>, runner: usize) -> io::Result<Stream> {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        self.world
            .wait(Duration::ZERO, self.world.nature.latency)
            .await;
        let doors: Vec<usize> = lock(&self.state).doors.keys().copied().collect();
        let chosen = self.world.draw(|chance| chance.pick(&doors).copied());
        let server = chosen.ok_or_else(refused)?;
        while self.is_cut(runner, server) {
            // The first packet is sent again and again.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let (near, far) = stream::pair(self, runner, server);
        let mut state = lock(&self.state);
        let door = state.doors.get(&server).ok_or_else(refused)?;
        door.send((far, address(runner))).map_err(|_| refused())?;
        state.wires.push(near.wire());
        Ok(near)
    }

    fn is_cut(&self, runner: usize, server: usize) -> bool {
        [true, false]
            .into_iter()
            .any(|up| self.is_blocked(Way { runner, server, up }))
    }

    fn is_blocked(&self, way: Way) -> bool {
        lock(&self.state).cuts.contains(&way)
    }

    /// Cuts a direction: nothing arrives on it any more.
    pub(crate) fn cut(&self, way: Way) {
        lock(&self.state).cuts.insert(way);
    }

    /// Heals a cut; data that waited on it arrives.
    pub(crate) fn heal(&self, way: Way) {
        lock(&self.state).cuts.remove(&way);
        for wire in self.wires() {
            wire.wake();
        }
    }

    /// Breaks a random connection; returns whether there was one.
    pub(crate) fn break_one(&self) -> bool {
        let wires = self.wires();
        let broken = self.world.draw(|chance| chance.pick(&wires).cloned());
        if let Some(wire) = &broken {
            wire.reset();
        }
        broken.is_some()
    }

    /// Disconnects a server that is gone.
    pub(crate) fn server_gone(&self, server: usize, gone: Gone) {
        lock(&self.state).doors.remove(&server);
        for wire in self.wires().iter().filter(|wire| wire.server == server) {
            wire.leave(false, gone);
        }
    }

    /// Disconnects a runner that is gone.
    pub(crate) fn runner_gone(&self, runner: usize, gone: Gone) {
        for wire in self.wires().iter().filter(|wire| wire.runner == runner) {
            wire.leave(true, gone);
        }
    }

    fn wires(&self) -> Vec<Arc<Wire>> {
        let mut state = lock(&self.state);
        state.wires.retain(|wire| wire.strong_count() > 0);
        state.wires.iter().filter_map(Weak::upgrade).collect()
    }

    /// Draws the latency of the next bytes.
    fn latency(&self) -> Duration {
        const SPIKES: f64 = 0.005;
        let nature = &self.world.nature;
        self.world.draw(|chance| {
            let usual = chance.between(nature.latency / 10, nature.latency);
            if chance.happens(SPIKES) {
                // A packet was lost, and is sent again.
                usual + chance.between(Duration::from_millis(200), Duration::from_secs(5))
            } else {
                usual
            }
        })
    }
}

fn address(runner: usize) -> SocketAddr {
    let last = u8::try_from(runner + 1).unwrap_or(u8::MAX);
    SocketAddr::from((Ipv4Addr::new(10, 0, 1, last), 40_000))
}

/// Incoming connections of a server.
pub(crate) struct Door {
    server: usize,
    waiting: mpsc::UnboundedReceiver<(Stream, SocketAddr)>,
}

impl Listener for Door {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        match self.waiting.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        let last = u8::try_from(self.server + 1).unwrap_or(u8::MAX);
        Ok(SocketAddr::from((Ipv4Addr::new(10, 0, 0, last), PORT)))
    }
}
