//! `cargo xtask bench`: speed and size, measured side by side in one run.
//!
//! No benchmark passes or fails. The figures of a full run are written to `docs/BENCHMARKS.md`,
//! together with a description of the machine.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it starts programs and reads the environment: that is what it is for"
)]

mod api;
mod bare;
mod berthd;
mod burst;
mod deploy;
mod fleet;
mod logs;
mod machine;
mod memory;
mod page;
mod proc;
mod report;
mod sample;
mod size;
mod start;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Result, bail};
use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser};
use xtask::{
    docker::engine::{Answer, Engine},
    product::{self, Profile, Programs},
    progress::{Line, Outcome, Progress},
    setup,
    workspace::Workspace,
};

use crate::report::Table;

/// Subject of the benchmarks: the release builds, on this machine's engine.
struct Subject<'a> {
    workspace: &'a Workspace,
    engine: Engine,
    /// `berthd`.
    server: PathBuf,
    /// `berth-runner-docker`.
    runner: PathBuf,
}

type Measure = fn(&Subject<'_>, &mut Line) -> Result<Table>;

/// Measures by their names on the command line, in the order of the report.
const MEASURES: [(&str, Measure); 8] = [
    ("deploy", deploy::measure),
    ("burst", burst::measure),
    ("fleet", fleet::measure),
    ("logs", logs::measure),
    ("start", start::measure),
    ("memory", memory::measure),
    ("pages", page::measure),
    ("sizes", size::measure),
];

fn main() -> ExitCode {
    let matches = Command::new("cargo xtask bench")
        .about("Run benchmarks and write the results to docs/BENCHMARKS.md")
        .arg(
            Arg::new("measure")
                .value_name("MEASURE")
                .action(ArgAction::Append)
                .value_parser(PossibleValuesParser::new(MEASURES.map(|(name, _)| name)))
                .help("Benchmarks to run; results are printed, not written [default: all]"),
        )
        .get_matches();
    let chosen = matches.get_many::<String>("measure");
    let chosen: Vec<_> = chosen.into_iter().flatten().cloned().collect();
    match run(&chosen) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Sets up, builds, runs the chosen measures and prints them.
///
/// Writes the report if all measures ran.
fn run(chosen: &[String]) -> Result<()> {
    let workspace = &Workspace::find()?;
    let measures: Vec<_> = MEASURES
        .into_iter()
        .filter(|(name, _)| chosen.is_empty() || chosen.iter().any(|chosen| chosen == name))
        .collect();
    let mut steps = setup::for_building(workspace)?;
    steps.push(setup::engine());
    let mut progress = Progress::new(steps.len() + product::STEPS + measures.len());
    for step in &steps {
        step.run(workspace, &mut progress)?;
    }
    let engine = Engine::find();
    if !matches!(engine.ping(), Answer::Yes) {
        bail!("no Docker Engine to compare with");
    }
    let Programs { server, runner } = product::build(workspace, Profile::Release, &mut progress)?;

    let subject = Subject {
        workspace,
        engine,
        server,
        runner,
    };
    let about = machine::describe(&subject)?;
    let mut tables = Vec::new();
    for (name, measure) in measures {
        progress.step(name, |line| {
            tables.push(measure(&subject, line)?);
            Ok(Outcome::Done)
        })?;
    }
    let text = report::text(&about, &tables);
    if chosen.is_empty() {
        report::write(workspace, &text)?;
    }
    println!("\n{text}");
    Ok(())
}
