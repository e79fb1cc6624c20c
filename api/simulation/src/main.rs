//! Runs Berth's servers and runners under simulated time, network and faults.
//!
//! `simulation --seed 7 --trace` shows one run. `simulation --seeds 1000` makes many, each in
//! its own process, because no run may affect the next one.
#![expect(
    clippy::disallowed_methods,
    reason = "a run is a process that ends with all its tasks"
)]

mod agreement;
mod batch;
mod bus;
mod cast;
mod cli;
mod faults;
mod lines;
mod nature;
mod net;
mod overseer;
mod people;
mod pinned;
mod platform;
mod report;
mod run;
mod runner;
mod server;
mod single;
mod trace;
mod watch;
mod world;

use std::process::ExitCode;

use cli::Task;

fn main() -> ExitCode {
    match cli::parse() {
        Task::Single { seed, trace } => single::run(seed, trace),
        Task::Batch(batch) => batch::run(&batch),
    }
}
