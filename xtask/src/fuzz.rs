//! `cargo xtask fuzz`: inputs that nobody thought of, for as long as one likes.

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{process, workspace::Workspace};

/// Hands over to the fuzzer; built for development, so that overflows and assertions count.
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
