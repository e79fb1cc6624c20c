//! The command line.

use clap::Parser;

use crate::batch::Batch;

/// What was asked for.
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
    /// Run so many seeds, after those that once found something.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many run at the same time; as many as there are processors when left out.
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
