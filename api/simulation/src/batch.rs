//! A batch of seeds, each in its own process.
#![expect(
    clippy::disallowed_types,
    reason = "it starts this program again and nothing else"
)]

use std::{
    collections::BTreeMap,
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{regressions::REGRESSION_SEEDS, report::Report, world::lock};

/// The seeds to run.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) from: u64,
    pub(crate) seeds: u64,
    pub(crate) jobs: Option<usize>,
}

/// Runs the whole batch, and prints the result.
pub(crate) fn run(batch: &Batch) -> ExitCode {
    let regressions = REGRESSION_SEEDS.iter().map(|(seed, _)| *seed);
    let new = batch.from..batch.from.saturating_add(batch.seeds);
    let seeds: Mutex<Box<dyn Iterator<Item = u64> + Send>> =
        Mutex::new(Box::new(regressions.chain(new)));
    let sum = Mutex::new(Sum::default());
    let jobs = batch
        .jobs
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let begun = Instant::now();
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(seed) = next(&seeds) {
                    let report = one(seed);
                    if !report.broken.is_empty() {
                        println!("seed {seed} FAILED: {}", report.broken.join("; "));
                    }
                    lock(&sum).add(&report);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(1_000) {
                        println!("{done} runs");
                    }
                }
            });
        }
    });
    let sum = lock(&sum);
    sum.print(begun.elapsed());
    if sum.failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn next(seeds: &Mutex<Box<dyn Iterator<Item = u64> + Send>>) -> Option<u64> {
    lock(seeds).next()
}

/// Runs one seed in its own process.
#[expect(
    clippy::disallowed_methods,
    reason = "it is this program, and no text of anybody's"
)]
fn one(seed: u64) -> Report {
    let broken = |why: std::io::Error| Report {
        seed,
        broken: vec![format!("the process could not be run: {why}")],
        ..Report::default()
    };
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return broken(error),
    };
    let run = Command::new(program)
        .args(["--seed", &seed.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output();
    match run {
        Ok(output) => Report::from_output(seed, &String::from_utf8_lossy(&output.stdout)),
        Err(error) => broken(error),
    }
}

/// The combined result of all runs.
#[derive(Default)]
struct Sum {
    runs: u64,
    failed: Vec<u64>,
    simulated_secs: u64,
    counts: BTreeMap<String, (u64, u64)>,
}

impl Sum {
    fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.simulated_secs += report.simulated_secs;
        if !report.broken.is_empty() {
            self.failed.push(report.seed);
        }
        for (what, count) in &report.counts {
            let (times, runs) = self.counts.entry(what.clone()).or_default();
            *times += count;
            *runs += 1;
        }
    }

    /// Prints the totals. They include the counts of events, because a fault that never
    /// happened was not tested.
    fn print(&self, took: Duration) {
        println!("{:>10}  {:>8}  what happened", "times", "in runs");
        for (what, (times, runs)) in &self.counts {
            println!("{times:>10}  {runs:>8}  {what}");
        }
        let minutes = self.simulated_secs / 60 / self.runs.max(1);
        println!(
            "{} runs of {minutes} simulated minutes each on average, in {} s; {} failed{}",
            self.runs,
            took.as_secs(),
            self.failed.len(),
            if self.failed.is_empty() {
                String::new()
            } else {
                format!(": {:?}", self.failed)
            }
        );
    }
}
