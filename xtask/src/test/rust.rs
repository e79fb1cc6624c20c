//! Tests of the Rust crates, with nextest if installed, else with `cargo test`.

use std::{
    collections::BTreeSet,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    process::{self, Watcher},
    test::{
        Part,
        report::{Count, Row},
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

/// Tests of the Docker runner that need an engine.
pub(crate) struct EngineTests {
    has_nextest: bool,
    /// Parses a line of the test program's summary.
    pub(crate) count: fn(&str) -> Option<Count>,
}

/// Selection of the engine tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EngineChoice {
    /// All tests on one engine.
    All,
    /// The same without the two that take as long as the rest.
    Quick,
    /// Tests that replace the engine. They share one place, so they run one by one.
    Upgrade,
}

/// Tests whose apps print millions of lines.
const SLOW: &str = "lines::";
const UPGRADE: &str = "upgrade::";

impl EngineTests {
    /// Chooses nextest if it is installed.
    pub(crate) fn find(workspace: &Workspace) -> Self {
        let has_nextest = has_nextest(workspace);
        let count = if has_nextest {
            count_nextest
        } else {
            count_cargo_test
        };
        Self { has_nextest, count }
    }

    /// Returns the command that compiles the tests.
    pub(crate) fn build(&self, workspace: &Workspace) -> Command {
        let mut command = process::command(workspace, "cargo");
        command.args(self.program()).arg("--no-run");
        command
    }

    /// Returns cargo's arguments for running the tests.
    ///
    /// Nothing is downloaded: the host of an engine has no network.
    pub(crate) fn arguments(&self, choice: EngineChoice) -> Vec<String> {
        let mut arguments = self.program();
        arguments.extend(["--offline", "--no-fail-fast"].map(str::to_owned));
        let chosen: &[&str] = if self.has_nextest {
            match choice {
                EngineChoice::All => &["-E", "not test(/^upgrade::/)"],
                EngineChoice::Quick => &["-E", "not test(/^(upgrade|lines)::/)"],
                EngineChoice::Upgrade => &["--test-threads=1", UPGRADE],
            }
        } else {
            match choice {
                EngineChoice::All => &["--", "--skip", UPGRADE],
                EngineChoice::Quick => &["--", "--skip", UPGRADE, "--skip", SLOW],
                EngineChoice::Upgrade => &["--", "--test-threads=1", UPGRADE],
            }
        };
        arguments.extend(chosen.iter().map(ToString::to_string));
        arguments
    }

    fn program(&self) -> Vec<String> {
        let words: &[&str] = if self.has_nextest {
            &["nextest", "run", "--workspace", "--test", "engine"]
        } else {
            &["test", "--package", "runner-docker", "--test", "engine"]
        };
        words.iter().map(ToString::to_string).collect()
    }
}

/// Runs tests, shows their output, and counts their results.
pub(crate) fn run_counted(
    workspace: &Workspace,
    name: &str,
    command: Command,
    count: fn(&str) -> Option<Count>,
) -> Result<Row> {
    println!("\n{}", process::describe(&command));
    let started = Instant::now();
    let mut counter = Counter {
        count,
        total: Count::default(),
        started,
        built: Duration::ZERO,
    };
    let log = format!("test-{}", name.replace(", ", "-"));
    let finished = process::run_to_end(workspace, command, &log, &mut counter)?;
    let mut row = Row {
        name: name.to_owned(),
        count: counter.total,
        took: started.elapsed(),
        built: counter.built,
        note: String::new(),
    };
    if !finished.is_success && row.count.failed == 0 {
        row.count.failed = 1;
        "the tests did not finish".clone_into(&mut row.note);
    }
    Ok(row)
}

fn has_nextest(workspace: &Workspace) -> bool {
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

/// Parses the summary of nextest.
///
/// For example, `Summary [ 1.2s] 9 tests run: 7 passed (1 slow), 2 failed, 3 skipped`.
///
/// Skipped tests mostly belong to other parts, so they are not counted.
fn count_nextest(line: &str) -> Option<Count> {
    let (head, counts) = line.split_once(" run: ")?;
    if !head.trim_start().starts_with("Summary [") {
        return None;
    }
    let mut total = Count::default();
    for item in without_parentheses(counts).split(',') {
        let (number, word) = item.trim().split_once(' ')?;
        let number: u32 = number.parse().ok()?;
        match word.trim() {
            "passed" => total.passed += number,
            "skipped" => {}
            _ => total.failed += number,
        }
    }
    Some(total)
}

/// Parses `test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; …`.
pub(crate) fn count_cargo_test(line: &str) -> Option<Count> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut total = Count::default();
    for item in counts.split("; ") {
        match item.split_once(' ') {
            Some((number, "passed")) => total.passed = number.parse().ok()?,
            Some((number, "failed")) => total.failed = number.parse().ok()?,
            Some((number, "ignored")) => total.skipped = number.parse().ok()?,
            _ => {}
        }
    }
    Some(total)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth -= 1;
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

struct Counter {
    count: fn(&str) -> Option<Count>,
    total: Count,
    started: Instant,
    /// Time until cargo reported that everything is built.
    built: Duration,
}

impl Watcher for Counter {
    fn line(&mut self, line: &str) {
        println!("{line}");
        if is_built(line) {
            self.built = self.started.elapsed();
        }
        if let Some(count) = (self.count)(line) {
            self.total.add(count);
        }
    }
}

/// True for cargo's line that ends a build.
///
/// For example ``    Finished `test` profile [unoptimized] target(s) in 4m 12s``.
fn is_built(line: &str) -> bool {
    line.trim_start().starts_with("Finished `") && line.contains(" target(s) in ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nextest_s_summary_is_counted() {
        let line = "     Summary [   0.006s] 9 tests run: 5 passed (1 slow, 1 flaky), 2 failed, \
                    1 timed out, 1 exec failed, 30 skipped";
        assert_eq!(
            count_nextest(line),
            Some(Count {
                passed: 5,
                failed: 4,
                skipped: 0
            })
        );
        assert_eq!(
            count_nextest("        PASS [   0.005s] api tests::run: x"),
            None
        );
    }

    #[test]
    fn cargo_test_s_results_are_counted() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out";
        assert_eq!(
            count_cargo_test(line),
            Some(Count {
                passed: 3,
                failed: 1,
                skipped: 2
            })
        );
        assert_eq!(count_cargo_test("test tests::x ... ok"), None);
    }

    #[test]
    fn the_end_of_building_is_seen() {
        assert!(is_built(
            "    Finished `test` profile [unoptimized + debuginfo] target(s) in 4m 12s"
        ));
        assert!(!is_built("    Starting 12 tests across 9 binaries"));
    }

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
