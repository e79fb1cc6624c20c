//! Runs of test programs, and the results that they print.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    process::{self, Watcher},
    test::report::{Count, Row},
    workspace::Workspace,
};

/// Runs tests, shows their output, and counts their results.
pub(crate) fn run_counted(
    workspace: &Workspace,
    name: &str,
    command: Command,
    count: fn(&str) -> Option<Count>,
) -> Result<Row> {
    run_labeled(workspace, name, String::new(), command, count)
}

/// Runs tests like [`run_counted`], beside others.
///
/// Each line of output begins with the name.
pub(crate) fn run_beside(
    workspace: &Workspace,
    name: &str,
    command: Command,
    count: fn(&str) -> Option<Count>,
) -> Result<Row> {
    run_labeled(workspace, name, format!("{name}: "), command, count)
}

fn run_labeled(
    workspace: &Workspace,
    name: &str,
    label: String,
    command: Command,
    count: fn(&str) -> Option<Count>,
) -> Result<Row> {
    println!("\n{label}{}", process::describe(&command));
    let started = Instant::now();
    let mut counter = Counter {
        label,
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

struct Counter {
    /// Start of each line of output.
    label: String,
    count: fn(&str) -> Option<Count>,
    total: Count,
    started: Instant,
    /// Time until cargo reported that everything is built.
    built: Duration,
}

impl Watcher for Counter {
    fn line(&mut self, line: &str) {
        println!("{}{line}", self.label);
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

/// Parses the summary of nextest.
///
/// For example, `Summary [ 1.2s] 9 tests run: 7 passed (1 slow), 2 failed, 3 skipped`.
///
/// Skipped tests mostly belong to other parts, so they are not counted.
pub(crate) fn count_nextest(line: &str) -> Option<Count> {
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

#[cfg(test)]
mod tests {
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
}
