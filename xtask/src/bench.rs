//! `cargo xtask bench`: measures of speed and size.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

/// Runs the benchmarks, which are a crate of their own.
///
/// So nobody waits for it to compile who wants another task.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["run", "--quiet", "--package", "bench", "--"])
        .args(arguments)
        .stdin(Stdio::inherit());
    let status = command.status().context("cannot start cargo")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
