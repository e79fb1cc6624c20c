//! The programs: `berthd` with the site inside, and the runner that stands alone.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    process,
    product::{Compiling, Profile},
    progress::{Line, Outcome},
    workspace::Workspace,
};

/// Both, always: alone each would have crates with fewer features, and all of them would be compiled
/// again for the other.
const PROGRAMS: [&str; 8] = [
    "--package",
    "api",
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

/// The programs, beside each other.
pub(crate) struct Programs {
    /// `berthd`.
    pub(crate) server: PathBuf,
    /// `berth-runner-docker`.
    pub(crate) runner: PathBuf,
}

impl Programs {
    /// Where they are once they are built.
    pub(super) fn of(workspace: &Workspace, profile: Profile) -> Self {
        let folder = profile.folder(workspace);
        Self {
            server: folder.join("berthd"),
            runner: folder.join("berth-runner-docker"),
        }
    }
}

/// Compiles the programs, which must come after the site: the server embeds it.
pub(super) fn build(workspace: &Workspace, profile: Profile, line: &mut Line) -> Result<Outcome> {
    let mut compiling = Compiling::new(line);
    let command = cargo(workspace, profile);
    process::run(workspace, command, "server", &mut compiling)?;
    Ok(compiling.outcome())
}

/// The build of the programs.
pub(super) fn cargo(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["build", "--profile", profile.name()])
        .args(PROGRAMS);
    command
}

/// Compiles the program that is many runners at once, for a release.
pub(super) fn build_fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    let mut command = process::command(workspace, "cargo");
    command.args(["build", "--release"]).args(FLEET);
    process::run(workspace, command, "fleet", line)?;
    let folder = Profile::Release.folder(workspace);
    Ok(folder.join("examples/fleet"))
}
