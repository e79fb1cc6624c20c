//! Playwright tests of the product, in the system's Chromium.

use std::process::Command;

use anyhow::Result;

use crate::{
    process, product,
    services::engine::OwnEngine,
    test::{
        counted,
        report::{Count, Row},
    },
    workspace::Workspace,
};

/// Folder of the tests in the repository.
const FOLDER: &str = "end2end";

/// Runs the browser tests; the product must be built.
pub(crate) fn run(workspace: &Workspace, environment: &[(&'static str, String)]) -> Result<Row> {
    counted::run_counted(workspace, "browser", command(workspace, environment), count)
}

/// Runs only the first steps of a new user, on another engine.
///
/// The product must be built.
pub(crate) fn run_first_steps(
    workspace: &Workspace,
    name: &str,
    engine: &OwnEngine,
) -> Result<Row> {
    let mut command = engine.host().command(workspace, FOLDER, "npx");
    playwright(workspace, &mut command);
    command
        .arg("first-steps.spec.ts")
        .env("BERTH_TEST_DOCKER", "1");
    counted::run_counted(workspace, name, command, count)
}

fn command(workspace: &Workspace, environment: &[(&'static str, String)]) -> Command {
    let mut command = process::command(workspace, "npx");
    command
        .current_dir(workspace.root().join(FOLDER))
        .envs(environment.iter().map(|(key, value)| (key, value)));
    playwright(workspace, &mut command);
    command
}

fn playwright(workspace: &Workspace, command: &mut Command) {
    command
        .args(["--no-install", "playwright", "test", "--reporter", "list"])
        .env("BERTH_TEST_SERVER", product::tested(workspace).server);
    if let Some(chromium) = workspace.find_program("chromium") {
        command.env("BERTH_TEST_CHROMIUM", chromium);
    }
}

/// Parses the lines of Playwright's summary: `  3 passed (4.5s)`, `  1 flaky`.
///
/// A flaky test counts as a failure: it hides a bug either in the product or in the test.
fn count(line: &str) -> Option<Count> {
    let mut words = line.split_whitespace();
    let number: u32 = words.next()?.parse().ok()?;
    let mut count = Count::default();
    let field = match (words.next()?, words.next()) {
        ("passed", Some(time)) if time.starts_with('(') => &mut count.passed,
        ("failed" | "flaky" | "interrupted", None) => &mut count.failed,
        ("skipped", None) | ("did", Some("not")) => &mut count.skipped,
        _ => return None,
    };
    *field = number;
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_of_playwright_is_counted() {
        let passed = |passed| {
            Some(Count {
                passed,
                ..Count::default()
            })
        };
        let failed = |failed| {
            Some(Count {
                failed,
                ..Count::default()
            })
        };
        assert_eq!(count("  12 passed (4.5s)"), passed(12));
        assert_eq!(count("  2 failed"), failed(2));
        assert_eq!(count("  1 flaky"), failed(1));
        assert_eq!(count("  3 did not run").map(|count| count.skipped), Some(3));
        assert_eq!(count("  ✓  1 sign-in.spec.ts:3:1 › passed (1.2s)"), None);
    }
}
