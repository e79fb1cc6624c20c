//! Classes 1 to 5: the server and the runners use no shell.
//!
//! They start programs only where this list says why.
//!
//! Clippy refuses the types themselves; this test reads what Clippy cannot.

use crate::replay::listing::sources;

/// The shipped folders. Tests, the conformance suite and `xtask` are exempt.
const SHIPPED: [&str; 8] = [
    "api/berthd/src",
    "api/src",
    "components/src",
    "examples/runner-process/src",
    "frontend/src",
    "models/src",
    "runners/common/src",
    "runners/docker/src",
];

/// Files that may start programs, and why.
const STARTS_PROGRAMS: [(&str, &str); 1] = [(
    "runners/common/src/process",
    "runners whose platform is the host's processes start what its owner put into a folder",
)];

/// Files that name a shell, though nothing on the host starts it.
const NAMES_A_SHELL: [(&str, &str); 1] = [(
    "api/src/routes/workspace/deployment/open_terminal.rs",
    "what a terminal runs inside its container, when nothing else was asked for",
)];

/// Words of code that starts a program, or passes a text to a shell.
const STARTS: [&str; 8] = [
    "process::Command",
    "Command::new",
    "CommandExt",
    "libc::system",
    "execve",
    "execvp",
    "posix_spawn",
    "fork(",
];
const SHELLS: [&str; 12] = [
    "\"sh\"",
    "\"bash\"",
    "\"dash\"",
    "\"zsh\"",
    "/bin/sh",
    "/bin/bash",
    "/bin/dash",
    "\"-c\"",
    "\"-lc\"",
    "\"cmd\"",
    "powershell",
    "\"eval\"",
];

/// The lines of a file without tests and without text for people.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let before_tests = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    before_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

#[test]
fn nothing_that_ships_knows_a_shell_or_starts_a_program() {
    let mut read = 0;
    let mut wrong = Vec::new();
    for (path, text) in sources(&SHIPPED) {
        let is_test = ["tests.rs", "tests/", "_tests.rs", "testing", "conformance"];
        if is_test.iter().any(|name| path.contains(name)) {
            continue;
        }
        read += 1;
        let may_start = STARTS_PROGRAMS
            .iter()
            .any(|(place, _)| path.starts_with(place));
        for line in code(&text) {
            let starts = STARTS.iter().any(|word| line.contains(word)) && !may_start;
            // An example command for people is passed to no shell.
            let shell = SHELLS.iter().any(|word| line.contains(word))
                && !is_example(&path)
                && !may_name_a_shell(&path);
            if starts || shell {
                wrong.push(format!("{path}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(read > 300, "only {read} files were read");
}

/// True for pages that show commands but run none, because they run in a browser.
fn is_example(path: &str) -> bool {
    path.starts_with("frontend/src") || path.starts_with("components/src")
}

fn may_name_a_shell(path: &str) -> bool {
    NAMES_A_SHELL.iter().any(|(place, _)| path == *place)
}

#[test]
fn every_place_that_may_do_so_is_there() {
    let all = sources(&SHIPPED);
    for (place, why) in STARTS_PROGRAMS.iter().chain(&NAMES_A_SHELL) {
        let is_there = all.iter().any(|(path, _)| path.starts_with(place));
        assert!(is_there, "{place} is gone: {why}");
    }
}
