//! A platform in memory, with faults on demand.
//!
//! It is a real platform in the respects that matter to the loop: it outlives the runner's
//! process, apps answer on real ports, lines are kept and can be read again. And it can be made
//! to fail in ways that a real one does only now and then.

mod faults;
mod mark;
mod platform;
mod process;
mod runner;
mod shell;
mod stats;
mod volume;

pub use self::{
    faults::Faults,
    platform::{FakeCopy, FakePlatform, IMAGE},
    runner::FakeRunner,
    stats::USAGE,
};
