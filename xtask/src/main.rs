//! Tasks of contributors and CI, run as `cargo xtask <task>`.
//!
//! The tasks are `setup`, `serve`, `test`, `simulate`, `fuzz` and `bench`.
//!
//! No task uses a shell: programs are started with an argument list.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it starts programs and reads the environment: that is what it is for"
)]

mod bench;
mod cli;
mod docker;
mod fuzz;
mod http;
mod process;
mod product;
mod progress;
mod serve;
mod services;
mod setup;
mod simulate;
mod test;
mod workspace;

use std::process::ExitCode;

use crate::{cli::Task, workspace::Workspace};

fn main() -> ExitCode {
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
        Task::Bench { measures } => bench::run(&workspace, &measures),
    }
}
