//! Parts and crates that the changes on a branch can break.
//!
//! Used by `cargo xtask test --changed`. A crate is selected if one of its files changed, if
//! its tests read a file that changed, or if it depends on a selected crate. One check is left
//! to full runs: the list of tests in `docs/SECURITY.md`, which names tests of every crate.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    process,
    test::{Part, rust},
    workspace::Workspace,
};

/// Possible target branches of a change; the first that exists is compared with.
const BASES: [&str; 3] = ["origin/main", "main", "HEAD"];

/// Files and folders that affect every build or test.
const FOR_EVERYTHING: [&str; 7] = [
    ".cargo/",
    ".ci/",
    ".config/",
    "Cargo.lock",
    "Cargo.toml",
    "clippy.toml",
    "rust-toolchain.toml",
];

/// Crates with code or tests that read files outside of their folder.
const READERS: [(&str, &str); 6] = [
    ("api/src/routes/", "models"),
    ("config/", "api"),
    ("config/runner.default.toml", "runner-docker"),
    ("docs/ERRORS.md", "models"),
    ("docs/SECURITY.md", "berthd"),
    ("runners/docker/tests/engine/test_image.rs", "berthd"),
];

/// Parts that use files outside of all crates, or more of a crate than its tests.
const PARTS: [(&str, Part); 8] = [
    ("deny.toml", Part::Deny),
    ("end2end/", Part::Browser),
    ("frontend/package-lock.json", Part::Browser),
    ("rustfmt.toml", Part::Fmt),
    ("style/", Part::Browser),
    ("xtask/node/", Part::Browser),
    ("xtask/src/product", Part::Browser),
    ("xtask/src/services/engine", Part::Engines),
];

/// Crates whose changes affect parts other than their own tests.
const PARTS_OF_CRATES: [(&str, Part); 3] = [
    ("berthd", Part::Browser),
    ("hello", Part::Browser),
    ("runner-docker", Part::Engines),
];

/// Selection of tests to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Every part, with every crate.
    Everything,
    /// Only these parts; and in parts made of crates' tests, only these crates.
    Some {
        /// Parts, in the order in which they run.
        parts: Vec<Part>,
        /// Names of the crates.
        crates: BTreeSet<String>,
    },
}

/// A crate of the workspace.
struct Package {
    name: String,
    /// Path relative to the repository.
    folder: PathBuf,
    /// Names of other crates of the workspace.
    dependencies: Vec<String>,
}

/// Compares with the target branch, and includes uncommitted changes.
pub(crate) fn plan(workspace: &Workspace) -> Result<Plan> {
    let files = files(workspace)?;
    let mut metadata = process::command(workspace, "cargo");
    metadata.args(["metadata", "--format-version", "1", "--no-deps"]);
    let packages = packages(&process::capture(metadata)?, workspace.root())?;
    Ok(of(&files, &packages))
}

/// Returns the paths of all changed files.
fn files(workspace: &Workspace) -> Result<Vec<String>> {
    let git = |arguments: &[&str]| {
        let mut command = process::command(workspace, "git");
        command.args(arguments);
        process::capture(command)
    };
    let base = BASES
        .iter()
        .find_map(|base| git(&["merge-base", base, "HEAD"]).ok())
        .context("this is not a clone of a Git repository, so the changes are unknown")?;
    // Without rename detection, so that both names of a moved file are listed.
    let changed = git(&["diff", "--name-only", "--no-renames", &base])?;
    let new = git(&["ls-files", "--others", "--exclude-standard"])?;
    let lines = changed.lines().chain(new.lines());
    Ok(lines.map(str::to_owned).collect())
}

/// Reads the crates of the workspace from the output of `cargo metadata`.
fn packages(metadata: &str, root: &Path) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata["packages"].as_array();
    let package = |package: &Value| -> Option<Package> {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        let dependencies = package["dependencies"].as_array()?.iter();
        Some(Package {
            name: package["name"].as_str()?.to_owned(),
            folder: manifest.parent()?.strip_prefix(root).ok()?.to_owned(),
            dependencies: dependencies
                .filter(|dependency| dependency["path"].is_string())
                .filter_map(|dependency| dependency["name"].as_str())
                .map(str::to_owned)
                .collect(),
        })
    };
    packages
        .and_then(|packages| packages.iter().map(package).collect())
        .context("cargo metadata does not list the members of the workspace")
}

fn of(files: &[String], packages: &[Package]) -> Plan {
    let is_below = |file: &str, prefixes: &[&str]| prefixes.iter().any(|p| file.starts_with(p));
    if files.iter().any(|file| is_below(file, &FOR_EVERYTHING)) {
        return Plan::Everything;
    }
    let mut crates = BTreeSet::new();
    let mut parts = Vec::new();
    for file in files {
        crates.extend(owner(file, packages));
        crates.extend(rows(&READERS, file));
        parts.extend(rows(&PARTS, file));
        if file.ends_with("/Cargo.toml") {
            parts.push(Part::Deny);
        }
    }
    add_dependents(&mut crates, packages);
    if !crates.is_empty() {
        parts.extend([Part::Fmt, Part::Clippy, Part::Doc]);
    }
    for name in &crates {
        parts.extend(rust::part_of(name));
        let used = PARTS_OF_CRATES.iter().filter(|(used, _)| used == name);
        parts.extend(used.map(|(_, part)| *part));
    }
    let mut ordered = Part::ALL.to_vec();
    ordered.retain(|part| parts.contains(part));
    Plan::Some {
        parts: ordered,
        crates: crates.into_iter().map(str::to_owned).collect(),
    }
}

/// Returns the rows of a table whose path is the file's or a folder above it.
fn rows<T: Copy>(table: &[(&str, T)], file: &str) -> Vec<T> {
    let rows = table.iter();
    rows.filter(|(prefix, _)| file.starts_with(prefix))
        .map(|(_, value)| *value)
        .collect()
}

/// Returns the crate that a file belongs to; crates can be nested.
fn owner<'a>(file: &str, packages: &'a [Package]) -> Option<&'a str> {
    packages
        .iter()
        .filter(|package| Path::new(file).starts_with(&package.folder))
        .max_by_key(|package| package.folder.as_os_str().len())
        .map(|package| package.name.as_str())
}

/// Adds every crate that depends on one of them, directly or indirectly.
fn add_dependents<'a>(crates: &mut BTreeSet<&'a str>, packages: &'a [Package]) {
    loop {
        let before = crates.len();
        for package in packages {
            let mut dependencies = package.dependencies.iter();
            if dependencies.any(|name| crates.contains(name.as_str())) {
                crates.insert(&package.name);
            }
        }
        if crates.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
