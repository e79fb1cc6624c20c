//! `cargo xtask simulate`: runs many seeds of the simulation, or traces one.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

/// Builds the simulation like the tests do, and runs it.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let mut building = process::command(workspace, "cargo");
    // Builds the whole workspace; otherwise crates would be rebuilt with fewer features.
    building.args(["build", "--workspace", "--bin", "simulation"]);
    println!("{}", process::describe(&building));
    let built = building.status().context("cannot run cargo")?;
    if !built.success() {
        return Ok(ExitCode::FAILURE);
    }
    let mut simulation = process::command(workspace, workspace.target().join("debug/simulation"));
    simulation.args(arguments).stdin(Stdio::null());
    let held = simulation.status().context("cannot run the simulation")?;
    Ok(if held.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
