//! Checks of the sources themselves: format, dependencies, clippy, documentation.

use std::{process::Command, time::Instant};

use anyhow::Result;

use crate::{
    process::{self, Watcher},
    setup::rust::WASM_TARGET,
    test::{
        report::{Count, Row},
        rust,
    },
    workspace::Workspace,
};

/// The sources are formatted as rustfmt would.
pub(crate) fn fmt(workspace: &Workspace) -> Result<Row> {
    checks(
        workspace,
        "fmt",
        &mut [cargo(workspace, &["fmt", "--all", "--check"])],
    )
}

/// Clippy for the server and everything around it, then for the browser; and no crate depends on
/// what it does not use.
pub(crate) fn clippy(workspace: &Workspace) -> Result<Row> {
    let host = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ];
    let browser = [
        "clippy",
        "--package",
        "frontend",
        "--features",
        "hydrate",
        "--target",
        WASM_TARGET,
        "--",
        "-D",
        "warnings",
    ];
    checks(
        workspace,
        "clippy",
        &mut [
            cargo(workspace, &host),
            cargo(workspace, &browser),
            cargo(workspace, &["machete"]),
        ],
    )
}

/// Every dependency comes from the registry, has a licence that we may use, and is none that is
/// banned; and none has a known hole, where the database of those can be fetched.
pub(crate) fn deny(workspace: &Workspace) -> Result<Row> {
    let deny = |arguments: &[&str]| cargo(workspace, &[&["deny"], arguments].concat());
    let offline = deny(&["--offline", "check", "licenses", "bans", "sources"]);
    let mut row = checks(workspace, "deny", &mut [offline])?;
    // It lies on GitHub, which a closed machine does not reach.
    if process::succeeds(deny(&["fetch", "db"])) {
        let holes = deny(&["check", "advisories"]);
        let checked = checks(workspace, "deny-advisories", &mut [holes])?;
        row.count.add(checked.count);
        row.took += checked.took;
    } else {
        "known holes were not looked for: RustSec's database cannot be fetched"
            .clone_into(&mut row.note);
    }
    Ok(row)
}

/// The documentation has no warnings, and the examples in it run.
pub(crate) fn doc(workspace: &Workspace) -> Result<Row> {
    let mut doc = cargo(workspace, &["doc", "--workspace", "--no-deps"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    let mut row = checks(workspace, "doc", &mut [doc])?;
    let examples = cargo(
        workspace,
        &["test", "--workspace", "--doc", "--no-fail-fast"],
    );
    let tested = rust::run_counted(workspace, "doc", examples, rust::count_cargo_test)?;
    row.count.add(tested.count);
    row.took += tested.took;
    Ok(row)
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = process::command(workspace, "cargo");
    command.args(arguments);
    command
}

/// Runs all of the commands; each that ends well is a check passed.
fn checks(workspace: &Workspace, name: &str, commands: &mut [Command]) -> Result<Row> {
    let started = Instant::now();
    let mut count = Count::default();
    for (number, command) in commands.iter_mut().enumerate() {
        let command = std::mem::replace(command, Command::new(""));
        println!("\n{}", process::describe(&command));
        let log = format!("check-{name}-{number}");
        let finished = process::run_to_end(workspace, command, &log, &mut Echo)?;
        if finished.is_success {
            count.passed += 1;
        } else {
            count.failed += 1;
        }
    }
    Ok(Row {
        name: name.to_owned(),
        count,
        took: started.elapsed(),
        note: String::new(),
    })
}

struct Echo;

impl Watcher for Echo {
    fn line(&mut self, line: &str) {
        println!("{line}");
    }
}
