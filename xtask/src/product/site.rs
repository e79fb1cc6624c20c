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

/// Modules and styles that pages load as they are, beside what `cargo leptos` builds.
const MODULES: [&str; 4] = [
    "frontend/terminal.mjs",
    "frontend/node_modules/@xterm/addon-fit/lib/addon-fit.mjs",
    "frontend/node_modules/@xterm/xterm/css/xterm.css",
    "frontend/node_modules/@xterm/xterm/lib/xterm.mjs",
];

/// Builds the site unless it is what its sources say.
pub(crate) fn build(workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
    let stamp = workspace.work_folder().join("site.stamp");
    // Where Cargo.toml puts it and the server looks for it, wherever Cargo builds.
    let site = workspace.root().join("target/site");
    // Taken before the build: what is edited while it runs belongs to the next one.
    let sources = of_sources(&sources(workspace)?);
    let current = || format!("{sources:016x} {:016x}", of_tree(&site));
    if fs::read_to_string(&stamp).is_ok_and(|old| old == current()) {
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
    add_modules(workspace.root(), &site.join("pkg"))?;
    fs::write(&stamp, current()).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(Outcome::Done)
}

/// Puts the modules beside what was built. The server compresses them when it sends them.
fn add_modules(root: &Path, folder: &Path) -> Result<()> {
    for path in MODULES.map(Path::new) {
        let name = path.file_name().context("a module has a name")?;
        fs::copy(root.join(path), folder.join(name))
            .with_context(|| format!("cannot copy {}", path.display()))?;
    }
    Ok(())
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

/// The fingerprint of everything that goes in, and of the tool that makes the site of it.
fn of_sources(sources: &[PathBuf]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(cargo_tools::cargo_leptos().title().as_bytes());
    for source in sources {
        hash_tree(source, &mut hasher);
    }
    hasher.finish()
}

/// The fingerprint of what is there: a site that someone else rebuilt is out of date too.
fn of_tree(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash_tree(path, &mut hasher);
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
    fn a_changed_a_new_and_a_removed_file_change_the_fingerprint() {
        let folder = Workspace::find().unwrap().work_folder().join("test-site");
        fs::create_dir_all(folder.join("inner")).unwrap();
        let sources = [folder.clone()];
        let mut prints = vec![of_sources(&sources)];
        fs::write(folder.join("inner/a"), "1").unwrap();
        prints.push(of_sources(&sources));
        fs::write(folder.join("inner/a"), "2").unwrap();
        prints.push(of_sources(&sources));
        fs::rename(folder.join("inner/a"), folder.join("inner/b")).unwrap();
        prints.push(of_sources(&sources));
        assert_eq!(of_sources(&sources), prints[3]);
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), 4);
        fs::remove_dir_all(&folder).unwrap();
    }
}
