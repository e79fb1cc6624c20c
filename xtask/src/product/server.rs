//! `berthd` in release, with the site inside.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    process,
    product::Compiling,
    progress::{Line, Outcome},
    workspace::Workspace,
};

/// Compiles the server, which must come after the site: it embeds it.
pub(crate) fn build(workspace: &Workspace, line: &mut Line) -> Result<(PathBuf, Outcome)> {
    let mut command = process::command(workspace, "cargo");
    command.args(["build", "--release", "--package", "api", "--bin", "berthd"]);
    let mut compiling = Compiling::new(line);
    process::run(workspace, command, "server", &mut compiling)?;
    Ok((
        workspace.target().join("release/berthd"),
        compiling.outcome(),
    ))
}
