//! `cargo xtask fuzz`: fuzzing of all readers of untrusted input.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

/// Runs the fuzzer in a development build.
///
/// Its overflow checks and assertions are on.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["run", "--quiet", "--package", "fuzz", "--"])
        .args(arguments)
        .stdin(Stdio::inherit());
    let status = command.status().context("cannot start cargo")?;
    let is_good = status.success();
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
