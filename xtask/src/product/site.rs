//! The dashboard's wasm, JavaScript and CSS in `target/site`, compressed.
//!
//! `cargo leptos build` empties and refills the folder whenever it runs, and the server that
//! embeds it would be linked anew each time. So a fingerprint of everything that goes in
//! decides whether it runs at all.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    process,
    progress::{Line, Outcome},
    setup::{cargo_tools, rust::WASM_TARGET},
    workspace::Workspace,
};

/// Files outside the crates that go into the site.
const OTHER_INPUTS: [&str; 5] = [
    "Cargo.lock",
    "Cargo.toml",
    ".cargo/config.toml",
    "style",
    "xtask/node/package-lock.json",
];

/// Builds the site unless it is what its sources say.
pub(crate) fn build(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let stamp = workspace.work_folder().join("site.stamp");
    let site = workspace.target().join("site");
    let sources = sources(workspace)?;
    if read_stamp(&stamp).is_some_and(|old| old == fingerprint(&sources, &site)) {
        return Ok(Outcome::Ready);
    }
    let mut command = process::command(workspace, "cargo");
    command.args([
        "leptos",
        "build",
        "--release",
        "--frontend-only",
        "--precompress",
    ]);
    process::run(workspace, command, "site", line)?;
    fs::write(&stamp, fingerprint(&sources, &site).to_string())
        .with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Outcome::Done)
}

fn read_stamp(stamp: &Path) -> Option<u64> {
    fs::read_to_string(stamp).ok()?.parse().ok()
}

/// Everything that decides what the site is: the crates of the front end, and the rest.
fn sources(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["tree", "--package", "frontend", "--features", "hydrate"])
        .args(["--target", WASM_TARGET, "--edges", "normal,build"])
        .args(["--prefix", "none", "--format", "{p}"]);
    let mut sources = workspace_crates(&process::capture(command)?);
    sources.extend(OTHER_INPUTS.map(|path| workspace.root().join(path)));
    Ok(sources)
}

/// The folders in lines like `models v0.1.0 (/path/to/models)`.
fn workspace_crates(tree: &str) -> Vec<PathBuf> {
    let mut folders: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_once(" (/"))
        .map(|(_, rest)| rest.split(')').next().unwrap_or_default())
        .map(|path| Path::new("/").join(path))
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Of the sources' content, the tools' versions, and what is in the site's folder: a site that
/// someone else rebuilt or deleted is out of date too.
fn fingerprint(sources: &[PathBuf], site: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(cargo_tools::cargo_leptos().title().as_bytes());
    for source in sources {
        hash_tree(source, &mut hasher);
    }
    hash_tree(site, &mut hasher);
    hasher.finish()
}

fn hash_tree(path: &Path, hasher: &mut DefaultHasher) {
    hasher.write(path.as_os_str().as_encoded_bytes());
    if let Ok(entries) = fs::read_dir(path) {
        let mut children: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        children.sort();
        for child in children {
            hash_tree(&child, hasher);
        }
    } else {
        let content = fs::read(path).unwrap_or_default();
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    #[test]
    fn the_crates_of_the_workspace_are_found_in_the_tree() {
        let tree = "frontend v0.1.0 (/r/frontend)\nmodels v0.1.0 (/r/models)\n\
                    syn v3.0.9 (*)\nserde_derive v1.0.0 (proc-macro)\n\
                    macros v0.1.0 (proc-macro) (/r/macros)\nmodels v0.1.0 (/r/models) (*)\n";
        assert_eq!(
            workspace_crates(tree),
            ["/r/frontend", "/r/macros", "/r/models"].map(PathBuf::from)
        );
    }

    #[test]
    fn a_changed_source_or_site_changes_the_fingerprint() {
        let folder = Workspace::find().unwrap().work_folder().join("test-site");
        let (source, site) = (folder.join("source"), folder.join("site"));
        fs::create_dir_all(&source).unwrap();
        fs::create_dir_all(&site).unwrap();
        fs::write(source.join("a"), "1").unwrap();
        fs::write(site.join("b"), "1").unwrap();
        let print = || fingerprint(slice::from_ref(&source), &site);
        let first = print();
        assert_eq!(print(), first);
        fs::write(source.join("a"), "2").unwrap();
        let second = print();
        assert_ne!(second, first);
        fs::write(site.join("b"), "2").unwrap();
        assert_ne!(print(), second);
        fs::remove_dir_all(&folder).unwrap();
    }
}
