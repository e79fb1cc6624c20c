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

use axum::serve;
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
    listeners: BTreeMap<usize, mpsc::UnboundedSender<(Stream, SocketAddr)>>,
    /// Directions in which nothing arrives.
    cuts: BTreeSet<Route>,
    wires: Vec<Weak<Wire>>,
}

/// A direction between two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Route {
    pub(crate) runner: usize,
    pub(crate) server: usize,
    /// True if it leads to the server.
    pub(crate) up: bool,
}

/// The manner in which a host disappears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disconnect {
    /// Its process ended: the operating system resets its connections.
    Process,
    /// The whole host is gone: its connections fall silent.
    Host,
}

impl Net {
    pub(crate) fn new(world: Arc<World>) -> Arc<Self> {
        Arc::new(Self {
            world,
            state: Mutex::default(),
        })
    }

    /// Listens for connections to a server.
    pub(crate) fn listen(&self, server: usize) -> Listener {
        let (sender, waiting) = mpsc::unbounded_channel();
        lock(&self.state).listeners.insert(server, sender);
        Listener { server, waiting }
    }

    /// Connects a runner to a server that the load balancer chooses.
    pub(crate) async fn connect(self: &Arc<Self>, runner: usize) -> io::Result<Stream> {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        self.world
            .wait(Duration::ZERO, self.world.profile.latency)
            .await;
        let listeners: Vec<usize> = lock(&self.state).listeners.keys().copied().collect();
        let chosen = self.world.draw(|rng| rng.pick(&listeners).copied());
        let server = chosen.ok_or_else(refused)?;
        while self.is_cut(runner, server) {
            // The first packet is sent again and again.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let (near, far) = stream::pair(self, runner, server);
        let mut state = lock(&self.state);
        let listener = state.listeners.get(&server).ok_or_else(refused)?;
        listener
            .send((far, address(runner)))
            .map_err(|_| refused())?;
        state.wires.push(near.wire());
        Ok(near)
    }

    fn is_cut(&self, runner: usize, server: usize) -> bool {
        [true, false]
            .into_iter()
            .any(|up| self.is_blocked(Route { runner, server, up }))
    }

    fn is_blocked(&self, route: Route) -> bool {
        lock(&self.state).cuts.contains(&route)
    }

    /// Cuts a direction: nothing arrives on it any more.
    pub(crate) fn cut(&self, route: Route) {
        lock(&self.state).cuts.insert(route);
    }

    /// Heals a cut; data that waited on it arrives.
    pub(crate) fn heal(&self, route: Route) {
        lock(&self.state).cuts.remove(&route);
        for wire in self.wires() {
            wire.wake();
        }
    }

    /// Breaks a random connection; returns whether there was one.
    pub(crate) fn break_one(&self) -> bool {
        let wires = self.wires();
        let broken = self.world.draw(|rng| rng.pick(&wires).cloned());
        if let Some(wire) = &broken {
            wire.reset();
        }
        broken.is_some()
    }

    /// Disconnects a server that is gone.
    pub(crate) fn disconnect_server(&self, server: usize, disconnect: Disconnect) {
        lock(&self.state).listeners.remove(&server);
        for wire in self.wires().iter().filter(|wire| wire.server == server) {
            wire.leave(false, disconnect);
        }
    }

    /// Disconnects a runner that is gone.
    pub(crate) fn disconnect_runner(&self, runner: usize, disconnect: Disconnect) {
        for wire in self.wires().iter().filter(|wire| wire.runner == runner) {
            wire.leave(true, disconnect);
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
        let profile = &self.world.profile;
        self.world.draw(|rng| {
            let usual = rng.between(profile.latency / 10, profile.latency);
            if rng.chance(SPIKES) {
                // A packet was lost, and is sent again.
                usual + rng.between(Duration::from_millis(200), Duration::from_secs(5))
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
pub(crate) struct Listener {
    server: usize,
    waiting: mpsc::UnboundedReceiver<(Stream, SocketAddr)>,
}

impl serve::Listener for Listener {
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
