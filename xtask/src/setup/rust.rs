//! Components of the Rust installation: the browser's target, rustfmt, clippy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    progress::{Line, Outcome},
    setup::wasm_std,
    workspace::Workspace,
};

/// Compilation target of the dashboard.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Installs the browser's standard library.
///
/// It comes from rustup, or else is built from its source.
pub fn wasm_target(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let folder = library_folder(workspace)?;
    if has_std(&folder) {
        return Ok(Outcome::Ready);
    }
    let Err(from_rustup) = rustup(
        workspace,
        &["target", "add", WASM_TARGET],
        "rustup-target",
        line,
    ) else {
        return Ok(Outcome::Done);
    };
    line.note("rustup cannot provide it; building it from source");
    match wasm_std::build(workspace, &folder, line) {
        Ok(()) => Ok(Outcome::Done),
        Err(from_source) => bail!(
            "the Rust target {WASM_TARGET} is missing, and both ways to install it failed.\n\
             From rustup: {from_rustup:#}\n\
             From source: {from_source:#}\n\
             Install it manually (`rustup target add {WASM_TARGET}`) and rerun this command."
        ),
    }
}

/// Installs rustfmt and clippy of the toolchain in use.
pub fn components(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let is_there = |subcommand: &str| {
        let mut command = process::command(workspace, "cargo");
        command.args([subcommand, "--version"]);
        process::succeeds(command)
    };
    if is_there("fmt") && is_there("clippy") {
        return Ok(Outcome::Ready);
    }
    rustup(
        workspace,
        &["component", "add", "rustfmt", "clippy"],
        "rustup-component",
        line,
    )
    .context("rustfmt or clippy is missing; install them for this Rust toolchain")?;
    Ok(Outcome::Done)
}

fn library_folder(workspace: &Workspace) -> Result<PathBuf> {
    let mut command = process::command(workspace, "rustc");
    command.args(["--print", "target-libdir", "--target", WASM_TARGET]);
    Ok(PathBuf::from(process::capture(command)?))
}

/// True if the folder contains the standard library.
///
/// Its file name has a hash if rustup's authors built it, and none if it was built here.
fn has_std(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name == "libstd.rlib" || name.starts_with("libstd-")
        })
    })
}

fn rustup(workspace: &Workspace, arguments: &[&str], log: &str, line: &mut Line) -> Result<()> {
    if workspace.find_program("rustup").is_none() {
        bail!("rustup is not installed");
    }
    let mut command = process::command(workspace, "rustup");
    command.args(arguments);
    process::run(workspace, command, log, line)
}
