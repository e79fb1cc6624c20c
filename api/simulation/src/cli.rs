//! The command line of the simulation.

use clap::Parser;

use crate::batch::Batch;

/// The requested task.
pub(crate) enum Task {
    Single { seed: u64, trace: bool },
    Batch(Batch),
}

/// Runs Berth's servers and runners under simulated time, network and faults.
#[derive(Debug, Parser)]
#[command(name = "simulation")]
struct Arguments {
    /// Run this seed alone.
    #[arg(long, conflicts_with_all = ["seeds", "from", "jobs"])]
    seed: Option<u64>,
    /// Show what happens, line by line.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Run this many seeds, after the regression seeds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of these seeds.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Number of runs at the same time; defaults to the number of processors.
    #[arg(long)]
    jobs: Option<usize>,
}

/// Reads the command line; a wrong one ends the process with a usage message.
pub(crate) fn parse() -> Task {
    let arguments = Arguments::parse();
    match arguments.seed {
        Some(seed) => Task::Single {
            seed,
            trace: arguments.trace,
        },
        None => Task::Batch(Batch {
            from: arguments.from,
            seeds: arguments.seeds,
            jobs: arguments.jobs,
        }),
    }
}
