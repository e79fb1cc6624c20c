use std::fs;

use super::*;

/// Returns the real workspace.
fn real() -> Vec<Package> {
    let workspace = Workspace::find().unwrap();
    let mut metadata = process::command(&workspace, "cargo");
    metadata.args([
        "metadata",
        "--format-version",
        "1",
        "--no-deps",
        "--offline",
    ]);
    packages(&process::capture(metadata).unwrap(), workspace.root()).unwrap()
}

fn planned(files: &[&str]) -> (Vec<Part>, Vec<String>) {
    let files: Vec<_> = files.iter().map(ToString::to_string).collect();
    match of(&files, &real()) {
        Plan::Everything => (Part::ALL.to_vec(), Vec::new()),
        Plan::Some { parts, crates } => (parts, crates.into_iter().collect()),
    }
}

#[test]
fn a_page_of_documentation_breaks_no_test() {
    assert_eq!(
        planned(&["README.md", "docs/ARCHITECTURE.md"]),
        (vec![], vec![])
    );
}

#[test]
fn a_style_breaks_only_what_browsers_show() {
    assert_eq!(planned(&["style/base.css"]), (vec![Part::Browser], vec![]));
}

#[test]
fn a_changed_crate_selects_its_dependents_only() {
    let (parts, crates) = planned(&["xtask/src/cli.rs"]);
    assert_eq!(parts, [Part::Fmt, Part::Clippy, Part::Doc, Part::Unit]);
    assert_eq!(crates, ["bench", "xtask"]);

    let (parts, crates) = planned(&["models/src/lib.rs"]);
    assert!(parts.contains(&Part::Simulation) && parts.contains(&Part::Browser));
    assert!(!parts.contains(&Part::Deny));
    for dependent in [
        "api",
        "berthd",
        "frontend",
        "models",
        "runner-docker",
        "simulation",
    ] {
        assert!(crates.iter().any(|name| name == dependent), "{dependent}");
    }
    assert!(!crates.iter().any(|name| name == "hello"));
}

#[test]
fn a_page_breaks_the_product_and_not_the_tests_of_the_server() {
    let (_, crates) = planned(&["frontend/src/lib.rs"]);
    assert_eq!(crates, ["berthd", "frontend"]);
}

#[test]
fn a_service_breaks_neither_the_database_nor_the_queue_of_jobs() {
    let (_, crates) = planned(&["api/src/lib.rs"]);
    assert_eq!(crates, ["api", "berthd", "harness", "simulation"]);
}

#[test]
fn a_file_in_a_crate_within_a_crate_is_of_the_inner_one() {
    let (_, crates) = planned(&["api/simulation/src/lib.rs"]);
    assert_eq!(crates, ["simulation"]);
}

#[test]
fn a_change_of_build_settings_selects_everything() {
    for file in ["Cargo.lock", ".config/nextest.toml"] {
        assert_eq!(planned(&["README.md", file]).0, Part::ALL);
    }
    assert!(planned(&["api/Cargo.toml"]).0.contains(&Part::Deny));
}

#[test]
fn every_file_that_is_read_from_another_folder_has_a_reader() {
    let workspace = Workspace::find().unwrap();
    for package in real() {
        for (file, text) in sources(&workspace.root().join(&package.folder)) {
            // A path in a source, relative to the folder of the crate.
            let joined = text.split("CARGO_MANIFEST_DIR\")).join(\"../").skip(1);
            // A path in a source, relative to the folder of the file.
            let included = text.split("include_str!(\"../../../").skip(1);
            for path in joined
                .chain(included)
                .filter_map(|rest| rest.split('"').next())
                // Crates within crates have a longer way; the root itself is not a file.
                .map(|path| path.trim_start_matches("../"))
                .filter(|path| *path != "..")
            {
                assert!(
                    READERS.iter().any(|(prefix, reader)| {
                        *reader == package.name && format!("{path}/").starts_with(prefix)
                    }),
                    "{} reads {path}, which READERS does not say",
                    file.display()
                );
            }
        }
    }
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let is_crate = path.join("Cargo.toml").exists();
        if path.is_dir() && !is_crate && !path.ends_with("node_modules") {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}
