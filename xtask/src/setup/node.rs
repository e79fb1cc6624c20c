//! Node.js and the npm packages that building and browser tests use.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    progress::{Line, Outcome},
    setup::system,
    workspace::Workspace,
};

/// The oldest one that Playwright runs on.
const OLDEST_NODE: u32 = 18;

/// Node.js and npm, from the operating system when they are missing.
pub(crate) fn runtime(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let outcome = system::install(workspace, &[system::NODE, system::NPM], line)?;
    let mut command = process::command(workspace, "node");
    command.arg("--version");
    let version = process::capture(command)?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {version} is too old: install version {OLDEST_NODE} or newer");
    }
    Ok(outcome)
}

/// `wasm-opt` and `esbuild`, which make what browsers load small.
pub(crate) fn build_tools(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    install(workspace, &workspace.node_tools(), "npm-build-tools", line)
}

/// What the dashboard takes from npm: the terminal.
pub(crate) fn dashboard(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let folder = workspace.root().join("frontend");
    install(workspace, &folder, "npm-frontend", line)
}

/// Playwright; its own browsers stay away, the system's Chromium is used.
pub(crate) fn browser_tests(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    install(
        workspace,
        &workspace.root().join("end2end"),
        "npm-end2end",
        line,
    )
}

/// Installs what `package-lock.json` says, unless exactly that is installed.
fn install(workspace: &Workspace, folder: &Path, log: &str, line: &mut Line) -> Result<Outcome> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let installed = folder.join("node_modules/.berth-package-lock.json");
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(Outcome::Ready);
    }
    let mut command = process::command(workspace, "npm");
    command
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    process::run(workspace, command, log, line)?;
    fs::write(&installed, wanted)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(Outcome::Done)
}

/// The 20 of `v20.19.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_node_is_read() {
        assert_eq!(major("v20.19.2"), Some(20));
        assert_eq!(major("20.19.2"), None);
    }
}
