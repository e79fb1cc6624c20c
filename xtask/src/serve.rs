//! `cargo xtask serve`: from a fresh clone to a running server.

use std::{
    os::unix::process::CommandExt,
    path::{self, Path},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context, Result};

use crate::{
    cli::ServeOptions,
    process,
    product::{self, Profile},
    progress::Progress,
    setup,
    workspace::Workspace,
};

/// Sets up, builds, and replaces this process by `berthd`.
///
/// From then on, Ctrl-C goes straight to the server.
pub(crate) fn run(workspace: &Workspace, options: &ServeOptions) -> Result<ExitCode> {
    let mut steps = setup::for_building(workspace)?;
    steps.push(setup::engine());
    let mut progress = Progress::new(steps.len() + product::STEPS);
    for step in &steps {
        step.run(workspace, &mut progress)?;
    }
    let server = product::build(workspace, Profile::Serve, &mut progress)?.server;
    println!();
    let error = command(workspace, &server, options)?.exec();
    Err(error).with_context(|| format!("cannot start {}", server.display()))
}

fn command(workspace: &Workspace, server: &Path, options: &ServeOptions) -> Result<Command> {
    let mut command = process::command(workspace, server);
    command.stdin(Stdio::inherit()).arg("serve");
    if let Some(folder) = &options.data_dir {
        // The server starts in the repository's root, but the typed path is relative to this
        // folder.
        command.arg("--data-dir").arg(path::absolute(folder)?);
    }
    if let Some(port) = options.port {
        command.env("BERTH__SERVER__ADDRESS", format!("127.0.0.1:{port}"));
    }
    Ok(command)
}
