//! The programs: `berthd` with the site inside, and the runner that stands alone.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    process,
    product::{Compiling, Profile},
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
pub(crate) fn build(
    workspace: &Workspace,
    profile: Profile,
    line: &mut Line,
) -> Result<(PathBuf, Outcome)> {
    let outcome = compile(workspace, profile, line, "server", &SERVER)?;
    Ok((server(workspace, profile), outcome))
}

/// The server's program, once it is built.
pub(crate) fn server(workspace: &Workspace, profile: Profile) -> PathBuf {
    profile.folder(workspace).join("berthd")
}

/// Compiles the runner for a release, together with the server: alone it would have crates with fewer features,
/// and all of them would be compiled again.
pub(crate) fn build_runner(workspace: &Workspace, line: &mut Line) -> Result<(PathBuf, Outcome)> {
    let both = [SERVER, RUNNER].concat();
    let outcome = compile(workspace, Profile::Release, line, "runner", &both)?;
    let folder = Profile::Release.folder(workspace);
    Ok((folder.join("berth-runner-docker"), outcome))
}

/// Compiles the program that is many runners at once.
pub(crate) fn build_fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    compile(workspace, Profile::Release, line, "fleet", &FLEET)?;
    let folder = Profile::Release.folder(workspace);
    Ok(folder.join("examples/fleet"))
}

fn compile(
    workspace: &Workspace,
    profile: Profile,
    line: &mut Line,
    log: &str,
    what: &[&str],
) -> Result<Outcome> {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["build", "--profile", profile.name()])
        .args(what);
    let mut compiling = Compiling::new(line);
    process::run(workspace, command, log, &mut compiling)?;
    Ok(compiling.outcome())
}
