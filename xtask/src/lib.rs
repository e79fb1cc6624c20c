//! Tasks of contributors and CI, run as `cargo xtask <task>`.
//!
//! The tasks are `setup`, `serve`, `test`, `simulate`, `fuzz` and `bench`. The benchmarks are a
//! crate of their own, which builds and starts things with this library.
//!
//! No task uses a shell: programs are started with an argument list.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it starts programs and reads the environment: that is what it is for"
)]

mod bench;
mod cli;
pub mod docker;
mod fuzz;
pub mod http;
pub mod process;
pub mod product;
pub mod progress;
mod serve;
pub mod services;
pub mod setup;
mod simulate;
mod test;
pub mod workspace;

use std::process::ExitCode;

use crate::{cli::Task, workspace::Workspace};

/// Runs the task that the command line names.
pub fn main() -> ExitCode {
    let task = cli::parse();
    match run(task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    let workspace = Workspace::find()?;
    match task {
        Task::Setup { develops } => setup::run(&workspace, develops),
        Task::BuildStd { destination } => {
            setup::build_std(&workspace, &destination)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Serve(options) => serve::run(&workspace, &options),
        Task::Test(request) => test::run(&workspace, &request),
        Task::Simulate { arguments } => simulate::run(&workspace, &arguments),
        Task::Fuzz { arguments } => fuzz::run(&workspace, &arguments),
        Task::Bench { arguments } => bench::run(&workspace, &arguments),
    }
}
