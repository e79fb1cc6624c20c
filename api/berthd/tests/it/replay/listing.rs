//! The tests that `docs/SECURITY.md` names exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The sources below these folders or files, by path, without build output.
pub(crate) fn sources(of: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for place in of {
        collect(&root.join(place), &mut files);
    }
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !["target", "node_modules"].contains(&name) && !name.starts_with('.') {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|kind| kind == "rs" || kind == "ts")
        {
            found.push(path);
        }
    }
}

/// True if a word between backticks is the name of a test, which is a sentence.
fn is_test(name: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.bytes().all(is_word) && name.matches('_').count() >= 3
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/SECURITY.md");
    let page = fs::read_to_string(page).unwrap();
    let code: String = sources(&[""]).into_iter().map(|(_, text)| text).collect();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let words = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let tests = words.filter(|word| is_test(word.rsplit("::").next().unwrap_or(word)));
    let (mut named, mut missing) = (0, Vec::new());
    for test in tests {
        named += 1;
        let name = test.rsplit("::").next().unwrap_or(test);
        if !code.contains(&format!("fn {name}(")) && !code.contains(&format!("fn {name}<")) {
            missing.push(test);
        }
    }
    assert!(missing.is_empty(), "docs/SECURITY.md names {missing:?}");
    assert!(named > 60, "only {named} tests are named");
}
