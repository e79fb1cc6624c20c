//! Source files and the registry. It contains every declaration, at the path of its file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use models::api::ALL;

/// Returns the files below a folder, by their paths within it.
fn files(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(root).unwrap().to_owned(), text);
            }
        }
    }
    found
}

fn declarations() -> BTreeMap<PathBuf, String> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api"))
}

/// Returns the name of the endpoint that a file declares; `None` without one.
fn declared(text: &str) -> Option<&str> {
    let (_, declaration) = text
        .split_once("declare_api_endpoint! {")
        .or_else(|| text.split_once("declare_stream_endpoint! {"))?;
    let name = declaration
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with("///"))?;
    name.strip_suffix(',')
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[test]
fn every_declaration_is_in_the_registry() {
    let declared: BTreeSet<_> = declarations()
        .values()
        .filter_map(|text| declared(text).map(str::to_owned))
        .collect();
    let registered: BTreeSet<_> = ALL.iter().map(|info| info.name.to_owned()).collect();
    assert_eq!(
        declared, registered,
        "left: declared; right: in `models::api::ALL`"
    );
}

#[test]
fn a_file_is_named_after_its_endpoint_and_begins_with_its_address() {
    for (path, text) in declarations() {
        let Some(name) = declared(&text) else {
            continue;
        };
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(stem, snake_case(name), "in {}", path.display());
        let info = ALL.iter().find(|info| info.name == name).expect(name);
        let title = format!("//! `{} {}`", info.method, info.path);
        assert_eq!(
            text.lines().next(),
            Some(title.as_str()),
            "in {}",
            path.display()
        );
    }
}

#[test]
fn a_handler_has_the_path_of_its_declaration() {
    let routes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src/routes");
    let handlers: BTreeSet<_> = files(&routes).into_keys().collect();
    let declarations: BTreeSet<_> = declarations().into_keys().collect();
    assert_eq!(
        handlers, declarations,
        "left: `api/src/routes`; right: `models/src/api`"
    );
}
