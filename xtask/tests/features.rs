//! The server under test is the server that ships.
//!
//! Building the workspace adds no feature to it.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "the test asks Cargo, and fails without an answer"
)]

use std::{collections::BTreeSet, path::Path, process::Command};

/// The crates of the server. Cargo enables a feature of theirs for all who asked for any.
const SERVER: [&str; 9] = [
    "api",
    "base",
    "berthd",
    "components",
    "db",
    "frontend",
    "jobs",
    "macros",
    "models",
];

/// The server's crates and their features, as Cargo resolves a selection.
fn resolved(selection: &[&str]) -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
        ])
        .args(["--format", "{p} [{f}]"])
        .args(selection)
        .output()
        .unwrap();
    assert!(
        tree.status.success(),
        "{}",
        String::from_utf8_lossy(&tree.stderr)
    );
    let text = String::from_utf8(tree.stdout).unwrap();
    let is_of_server = |line: &&str| SERVER.contains(&line.split(' ').next().unwrap_or_default());
    let lines = text.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.filter(is_of_server).map(str::to_owned).collect()
}

#[test]
fn the_workspace_adds_no_feature_to_the_server() {
    let shipped = resolved(&["--package", "berthd"]);
    assert_eq!(shipped.len(), SERVER.len(), "{shipped:?}");
    assert_eq!(resolved(&["--workspace"]), shipped);
}
