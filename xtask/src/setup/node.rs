//! Node.js and the npm packages for building and for the browser tests.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    progress::{Line, Outcome},
    setup::system,
    workspace::Workspace,
};

/// Oldest Node.js version that Playwright supports.
const OLDEST_NODE: u32 = 18;

/// Installs Node.js and npm from the operating system, if missing.
pub fn runtime(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let outcome = system::install(workspace, &[system::NODE, system::NPM], line)?;
    let mut command = process::command(workspace, "node");
    command.arg("--version");
    let version = process::capture(command)?;
    if major(&version).is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {version} is too old: install version {OLDEST_NODE} or newer");
    }
    Ok(outcome)
}

/// Installs `wasm-opt` and `esbuild`, which shrink the files that browsers load.
pub fn build_tools(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    install(workspace, &workspace.node_tools(), "npm-build-tools", line)
}

/// Installs the dashboard's npm packages: the terminal.
pub fn dashboard(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let folder = workspace.root().join("frontend");
    install(workspace, &folder, "npm-frontend", line)
}

/// Installs Playwright without its browsers; the tests use the system's Chromium.
pub fn browser_tests(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    install(
        workspace,
        &workspace.root().join("end2end"),
        "npm-end2end",
        line,
    )
}

/// Installs exactly the packages of `package-lock.json`, if not installed yet.
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

/// Returns the major version: 20 for `v20.19.2`.
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
