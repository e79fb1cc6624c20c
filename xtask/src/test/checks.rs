//! Checks of the sources: format, dependencies, clippy, documentation.

use std::{
    ffi::OsString,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    process::{self, Watcher},
    product::{self, Profile},
    setup::rust::WASM_TARGET,
    test::{
        counted,
        report::{Count, Row},
    },
    workspace::Workspace,
};

/// Checks that the sources are formatted as rustfmt would.
pub(crate) fn fmt(workspace: &Workspace) -> Result<Row> {
    checks(
        workspace,
        "fmt",
        &mut [cargo(workspace, &["fmt", "--all", "--check"])],
    )
}

/// Runs clippy for the server and for the browser, and finds unused dependencies.
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
        "--no-default-features",
        "--features",
        "hydrate",
        "--target",
        WASM_TARGET,
        // The profile of the site's build, which needs the same crates on the host.
        "--profile",
        Profile::Serve.for_wasm(),
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

/// Checks sources, licenses and bans of all dependencies.
///
/// Also checks for known vulnerabilities, if their database can be downloaded.
pub(crate) fn deny(workspace: &Workspace) -> Result<Row> {
    let deny = |arguments: &[&str]| cargo(workspace, &[&["deny"], arguments].concat());
    // Builds download only what their own target needs; the check reads all crates.
    let fetch = cargo(workspace, &["fetch", "--locked"]);
    let offline = deny(&["--offline", "check", "licenses", "bans", "sources"]);
    let mut row = checks(workspace, "deny", &mut [fetch, offline])?;
    // The database is on GitHub, which a closed network does not reach.
    if process::succeeds(deny(&["fetch", "db"])) {
        let holes = deny(&["check", "advisories"]);
        let checked = checks(workspace, "deny-advisories", &mut [holes])?;
        row.count.add(checked.count);
        row.took += checked.took;
    } else {
        "skipped the vulnerability check: cannot fetch the RustSec database"
            .clone_into(&mut row.note);
    }
    Ok(row)
}

/// Checks that the documentation has no warnings, and runs its examples.
///
/// Reuses crates that clippy has compiled: Cargo then has the same crates, with the features
/// that examples and tests need, and the same compiler.
pub(crate) fn doc(workspace: &Workspace, is_after_clippy: bool) -> Result<Row> {
    let all = ["--workspace", "--no-deps", "--lib", "--bins", "--examples"];
    let mut doc = cargo(workspace, &["doc"]);
    doc.args(all).env("RUSTDOCFLAGS", "-D warnings");
    if is_after_clippy {
        doc.envs(compiler_of_clippy(workspace)?);
    }
    let mut row = checks(workspace, "doc", &mut [doc])?;
    let examples = cargo(
        workspace,
        &["test", "--workspace", "--doc", "--no-fail-fast"],
    );
    let tested = counted::run_counted(workspace, "doc", examples, counted::count_cargo_test)?;
    row.count.add(tested.count);
    row.built = row.took + tested.built;
    row.took += tested.took;
    Ok(row)
}

/// Returns the variables that make Cargo use clippy's compiler.
///
/// `cargo clippy -- -D warnings` sets the same. They are not a stable interface; if they
/// change, more is compiled, but nothing breaks.
fn compiler_of_clippy(workspace: &Workspace) -> Result<[(&'static str, OsString); 2]> {
    let mut rustc = process::command(workspace, "rustc");
    rustc.args(["--print", "sysroot"]);
    let driver = Path::new(&process::capture(rustc)?).join("bin/clippy-driver");
    let arguments = ["-D", "warnings"].map(|word| format!("{word}__CLIPPY_HACKERY__"));
    Ok([
        ("RUSTC_WORKSPACE_WRAPPER", driver.into()),
        ("CLIPPY_ARGS", arguments.concat().into()),
    ])
}

/// Checks that nothing has made the product out of date since it was built.
pub(crate) fn compiles_once(workspace: &Workspace) -> Result<Row> {
    let started = Instant::now();
    let compiled = product::compiled_again(workspace)?;
    let mut row = Row::took("no recompilation", started);
    if compiled.is_empty() {
        row.count.passed = 1;
    } else {
        row.count.failed = 1;
        row.note = format!("recompiled: {}", compiled.join(", "));
    }
    Ok(row)
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = process::command(workspace, "cargo");
    command.args(arguments);
    command
}

/// Runs all of the commands; each success counts as a passed check.
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
        built: Duration::ZERO,
        note: String::new(),
    })
}

struct Echo;

impl Watcher for Echo {
    fn line(&mut self, line: &str) {
        println!("{line}");
    }
}
