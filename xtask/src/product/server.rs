//! The programs: `berthd` with the embedded site, and the stand-alone runner.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    process,
    product::{Compiling, Profile},
    progress::{Line, Outcome},
    workspace::Workspace,
};

/// All programs, always built together.
///
/// Built separately, each would use crates with fewer features, and all of those would be
/// compiled again for the other.
const PROGRAMS: [&str; 8] = [
    "--package",
    "berthd",
    "--bin",
    "berthd",
    "--package",
    "runner-docker",
    "--bin",
    "berth-runner-docker",
];

const FLEET: [&str; 6] = [
    "--package",
    "runner-common",
    "--example",
    "fleet",
    "--features",
    "conformance",
];

/// Paths of the programs.
pub struct Programs {
    /// `berthd`.
    pub server: PathBuf,
    /// `berth-runner-docker`.
    pub runner: PathBuf,
}

impl Programs {
    /// Returns the paths of the programs after a build.
    pub(super) fn of(workspace: &Workspace, profile: Profile) -> Self {
        let folder = profile.folder(workspace);
        Self {
            server: folder.join("berthd"),
            runner: folder.join("berth-runner-docker"),
        }
    }
}

/// Compiles the programs. The site must be built first, because the server embeds it.
pub(super) fn build(workspace: &Workspace, profile: Profile, line: &mut Line) -> Result<Outcome> {
    let mut compiling = Compiling::new(line);
    let command = cargo(workspace, profile);
    process::run(workspace, command, "server", &mut compiling)?;
    Ok(compiling.outcome())
}

/// Returns the build command of the programs.
pub(super) fn cargo(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["build", "--profile", profile.name()])
        .args(PROGRAMS);
    command
}

/// Compiles the program that simulates many runners, in the release profile.
pub(super) fn build_fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    let mut command = process::command(workspace, "cargo");
    command.args(["build", "--release"]).args(FLEET);
    process::run(workspace, command, "fleet", line)?;
    let folder = Profile::Release.folder(workspace);
    Ok(folder.join("examples/fleet"))
}
