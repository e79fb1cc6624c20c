//! A platform in memory, with faults on demand.
//!
//! It behaves like a real platform where the loop depends on it: it outlives the runner's
//! process, apps answer on real ports, lines are stored and can be read again. And it can fail
//! on demand in ways that a real one rarely does.

mod cluster;
mod faults;
mod lifecycle;
mod listing;
mod log;
mod mark;
mod platform;
mod process;
mod registry;
mod runner;
mod shell;
mod stats;
mod volume;

pub use self::{
    cluster::{ClusterReconciler, ClusterRunner, FakeCluster},
    faults::Faults,
    platform::{FakeCopy, FakePlatform, IMAGE},
    runner::FakeRunner,
    stats::USAGE,
};
