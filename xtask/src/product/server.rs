//! The programs in release: `berthd` with the site inside, and the runner that stands alone.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    process,
    product::Compiling,
    progress::{Line, Outcome},
    workspace::Workspace,
};

const SERVER: [&str; 4] = ["--package", "api", "--bin", "berthd"];
const RUNNER: [&str; 4] = ["--package", "runner-docker", "--bin", "berth-runner-docker"];

const FLEET: [&str; 6] = [
    "--package",
    "runner-common",
    "--example",
    "fleet",
    "--features",
    "conformance",
];

/// Compiles the server, which must come after the site: it embeds it.
pub(crate) fn build(workspace: &Workspace, line: &mut Line) -> Result<(PathBuf, Outcome)> {
    let outcome = compile(workspace, line, "server", &SERVER)?;
    Ok((workspace.target().join("release/berthd"), outcome))
}

/// Compiles the runner, together with the server: alone it would have crates with fewer features,
/// and all of them would be compiled again.
pub(crate) fn build_runner(workspace: &Workspace, line: &mut Line) -> Result<(PathBuf, Outcome)> {
    let both = [SERVER, RUNNER].concat();
    let outcome = compile(workspace, line, "runner", &both)?;
    let program = workspace.target().join("release/berth-runner-docker");
    Ok((program, outcome))
}

/// Compiles the program that is many runners at once.
pub(crate) fn build_fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    compile(workspace, line, "fleet", &FLEET)?;
    Ok(workspace.target().join("release/examples/fleet"))
}

fn compile(workspace: &Workspace, line: &mut Line, log: &str, what: &[&str]) -> Result<Outcome> {
    let mut command = process::command(workspace, "cargo");
    command.args(["build", "--release"]).args(what);
    let mut compiling = Compiling::new(line);
    process::run(workspace, command, log, &mut compiling)?;
    Ok(compiling.outcome())
}
