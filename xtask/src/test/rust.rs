//! Tests of the Rust crates, with nextest if installed, else with `cargo test`.

use std::{collections::BTreeSet, process::Command};

use anyhow::Result;

use crate::{
    process,
    test::{
        Part,
        counted::{count_cargo_test, count_nextest, run_counted},
        report::Row,
    },
    workspace::Workspace,
};

/// Tests that make up a part.
struct Selection {
    part: Part,
    /// Filter for nextest.
    filter: &'static str,
    /// Packages for `cargo test`.
    packages: &'static [&'static str],
}

const SELECTIONS: [Selection; 4] = [
    Selection {
        part: Part::Unit,
        filter: "not (package(=api) or package(=berthd) or package(=db) or package(=jobs) \
                 or package(#runner-*) or package(simulation))",
        packages: &[
            "base",
            "bench",
            "components",
            "entropy",
            "frontend",
            "fuzz",
            "harness",
            "hello",
            "macros",
            "models",
            "xtask",
        ],
    },
    Selection {
        part: Part::Db,
        filter: "package(=api) or package(=berthd) or package(=db) or package(=jobs)",
        packages: &["api", "berthd", "db", "jobs"],
    },
    Selection {
        part: Part::Runner,
        filter: "package(#runner-*)",
        packages: &["runner-common", "runner-docker", "runner-process"],
    },
    Selection {
        part: Part::Simulation,
        filter: "package(simulation)",
        packages: &["simulation"],
    },
];

/// Returns the part that a crate's tests belong to.
pub(crate) fn part_of(package: &str) -> Option<Part> {
    SELECTIONS
        .iter()
        .find(|selection| selection.packages.contains(&package))
        .map(|selection| selection.part)
}

/// Runs the chosen parts that are Rust tests, limited to the given crates if any.
pub(crate) fn run(
    workspace: &Workspace,
    chosen: &[Part],
    crates: Option<&BTreeSet<String>>,
    environment: &[(&'static str, String)],
) -> Result<Vec<Row>> {
    let selections: Vec<_> = SELECTIONS
        .iter()
        .filter(|selection| chosen.contains(&selection.part))
        .collect();
    if selections.is_empty() {
        return Ok(Vec::new());
    }
    let prepared = |mut command: Command| {
        command.envs(environment.iter().map(|(key, value)| (key, value)));
        command
    };
    if has_nextest(workspace) {
        return selections
            .iter()
            .map(|selection| {
                let command = prepared(nextest(workspace, selection, crates));
                run_counted(workspace, selection.part.name(), command, count_nextest)
            })
            .collect();
    }
    let names: Vec<_> = selections
        .iter()
        .map(|selection| selection.part.name())
        .collect();
    let command = prepared(cargo_test(workspace, &selections, crates));
    let row = run_counted(workspace, &names.join(", "), command, count_cargo_test)?;
    Ok(vec![row])
}

/// True if nextest is installed.
pub(crate) fn has_nextest(workspace: &Workspace) -> bool {
    workspace.find_program("cargo-nextest").is_some()
}

/// Runs nextest on the whole workspace.
///
/// With fewer packages, crates would be rebuilt with fewer features.
fn nextest(
    workspace: &Workspace,
    selection: &Selection,
    crates: Option<&BTreeSet<String>>,
) -> Command {
    let mut command = process::command(workspace, "cargo");
    command.args(["nextest", "run", "--workspace", "--no-fail-fast", "-E"]);
    match crates {
        None => command.arg(selection.filter),
        // A crate may have no tests.
        Some(crates) => command
            .arg(filter_of(selection, crates))
            .args(["--no-tests", "pass"]),
    };
    command
}

/// Returns the filter for the tests of a part that belong to these crates.
fn filter_of(selection: &Selection, crates: &BTreeSet<String>) -> String {
    let packages = selection.packages.iter();
    let chosen: Vec<_> = packages
        .filter(|package| crates.contains(**package))
        .map(|package| format!("package(={package})"))
        .collect();
    chosen.join(" or ")
}

/// Runs `cargo test` once for all parts, for the same reason.
fn cargo_test(
    workspace: &Workspace,
    selections: &[&Selection],
    crates: Option<&BTreeSet<String>>,
) -> Command {
    let mut command = process::command(workspace, "cargo");
    command.args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    if selections.len() == SELECTIONS.len() && crates.is_none() {
        command.arg("--workspace");
        return command;
    }
    let packages = selections.iter().flat_map(|selection| selection.packages);
    for package in packages {
        if crates.is_none_or(|crates| crates.contains(*package)) {
            command.args(["--package", package]);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_the_named_crates_of_a_part_are_tested() {
        let crates = BTreeSet::from(["api", "macros", "models"].map(str::to_owned));
        let [unit, ..] = &SELECTIONS;
        let filter = filter_of(unit, &crates);
        assert_eq!(filter, "package(=macros) or package(=models)");
    }

    #[test]
    fn every_crate_of_the_workspace_belongs_to_a_part() {
        let workspace = Workspace::find().unwrap();
        let manifest = fs::read_to_string(workspace.root().join("Cargo.toml")).unwrap();
        let members = manifest
            .split_once("members = [")
            .and_then(|(_, rest)| rest.split_once(']'))
            .unwrap()
            .0;
        for folder in members.split(',').map(|item| item.trim().trim_matches('"')) {
            if folder.is_empty() {
                continue;
            }
            let path = workspace.root().join(folder).join("Cargo.toml");
            let manifest = fs::read_to_string(path).unwrap();
            let name = manifest
                .lines()
                .find_map(|line| line.strip_prefix("name = "))
                .unwrap()
                .trim_matches('"');
            assert!(
                SELECTIONS
                    .iter()
                    .any(|selection| selection.packages.contains(&name)),
                "{name} is in no selection, so `cargo test` would not run its tests"
            );
        }
    }
}
