//! Runs Berth's servers and runners under simulated time, network and faults.
//!
//! `simulation --seed 7 --trace` shows one run. `simulation --seeds 1000` makes many, each in
//! its own process, because no run may affect the next one.
#![expect(
    clippy::disallowed_methods,
    reason = "a run is a process that ends with all its tasks"
)]

mod batch;
mod bus;
mod cli;
mod cluster;
mod convergence;
mod database;
mod fault_profile;
mod faults;
mod invariants;
mod log_check;
mod net;
mod operators;
mod platform;
mod regressions;
mod report;
mod run;
mod runner;
mod server;
mod single;
mod trace;
mod world;

use std::process::ExitCode;

use cli::Task;

fn main() -> ExitCode {
    match cli::parse() {
        Task::Single { seed, trace } => single::run(seed, trace),
        Task::Batch(batch) => batch::run(&batch),
    }
}
