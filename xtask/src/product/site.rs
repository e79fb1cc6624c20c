//! The dashboard's WebAssembly, JavaScript and CSS, compressed.
//!
//! Each profile has its own folder. Cargo knows if the WebAssembly is up to date. The files
//! made from it are rebuilt when it, a style, a module or a tool changes. Only files with new
//! content are written: the server embeds them, and would be linked again.

use std::{
    ffi::OsString,
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    process,
    product::{Compiling, Profile},
    progress::{Line, Outcome},
    setup::{cargo_tools, rust::WASM_TARGET},
    workspace::Workspace,
};

/// Modules and styles that pages load unchanged.
const MODULES: [&str; 4] = [
    "frontend/terminal.mjs",
    "frontend/node_modules/@xterm/addon-fit/lib/addon-fit.mjs",
    "frontend/node_modules/@xterm/xterm/css/xterm.css",
    "frontend/node_modules/@xterm/xterm/lib/xterm.mjs",
];

/// Main style sheet; it imports the others.
const STYLE: &str = "style/main.css";

/// Browsers that JavaScript and CSS target.
///
/// Keep in sync with `browserquery` in `Cargo.toml`.
const BROWSERS: [&str; 5] = [
    "chrome123",
    "edge123",
    "firefox121",
    "safari17.5",
    "ios17.5",
];

/// Inputs besides the WebAssembly and [`MODULES`].
const OTHER_INPUTS: [&str; 4] = [
    "style",
    "xtask/node/compress.mjs",
    "xtask/node/package-lock.json",
    "xtask/src/product/site.rs",
];

/// Folders of a site; `api/berthd/build.rs` knows them too.
struct Folders {
    /// Files that the server embeds.
    site: PathBuf,
    /// Intermediate files.
    work: PathBuf,
    stamp: PathBuf,
}

impl Folders {
    /// Returns the folders.
    ///
    /// They are in the repository, wherever Cargo's build folder is.
    fn of(workspace: &Workspace, profile: Profile) -> Self {
        let folder = workspace.root().join("target/site").join(profile.name());
        Self {
            site: folder.join("pkg"),
            work: folder.join("work"),
            stamp: folder.join("stamp"),
        }
    }
}

/// Builds the site if it is out of date.
pub fn build(workspace: &Workspace, profile: Profile, line: &mut Line) -> Result<Outcome> {
    let wasm = compile(workspace, profile, line)?;
    let folders = Folders::of(workspace, profile);
    let inputs = inputs(workspace, &wasm)?;
    let current = || format!("{inputs:016x} {:016x}", fingerprint(&folders.site));
    if fs::read_to_string(&folders.stamp).is_ok_and(|old| old == current()) {
        return Ok(Outcome::Ready);
    }
    let files = make(workspace, profile, &folders, &wasm, line)?;
    replace(&files, &folders.site)?;
    write(&folders.stamp, current().as_bytes())?;
    Ok(Outcome::Done)
}

/// Compiles the frontend for the browser, and returns its path.
fn compile(workspace: &Workspace, profile: Profile, line: &mut Line) -> Result<PathBuf> {
    process::run(
        workspace,
        cargo(workspace, profile),
        "site",
        &mut Compiling::new(line),
    )?;
    let folder = workspace.target().join(WASM_TARGET);
    Ok(folder.join(profile.for_wasm()).join("frontend.wasm"))
}

/// Returns the build command of the frontend.
pub(super) fn cargo(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = process::command(workspace, "cargo");
    command
        .args(["build", "--package", "frontend", "--lib"])
        .args(["--no-default-features", "--features", "hydrate"])
        .args(["--target", WASM_TARGET, "--profile", profile.for_wasm()]);
    command
}

/// Creates the files of the site, and returns their folder.
fn make(
    workspace: &Workspace,
    profile: Profile,
    folders: &Folders,
    wasm: &Path,
    line: &mut Line,
) -> Result<PathBuf> {
    let bound = folders.work.join("bound");
    let files = folders.work.join("files");
    let _ = fs::remove_dir_all(&folders.work);
    for folder in [&bound, &files] {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let commands = [
        bind(workspace, wasm, &bound),
        shrink(workspace, profile, &bound, &files),
        bundle(workspace, &bound, &files),
    ];
    for (number, command) in commands.into_iter().enumerate() {
        process::run(workspace, command, &format!("site-{number}"), line)?;
    }
    add_modules(workspace.root(), &files)?;
    let mut compress = process::command(workspace, "node");
    compress
        .arg(workspace.node_tools().join("compress.mjs"))
        .arg(&files);
    process::run(workspace, compress, "site-compress", line)?;
    Ok(files)
}

/// Extracts the JavaScript that wasm-bindgen left in the program.
fn bind(workspace: &Workspace, wasm: &Path, bound: &Path) -> Command {
    let mut command = process::command(workspace, "wasm-bindgen");
    command
        .args(["--target", "web", "--no-typescript"])
        .args(["--out-name", "berth", "--out-dir"])
        .args([bound, wasm]);
    command
}

/// Shrinks the program, in a release as far as possible.
///
/// The release settings take three times as long and save browsers memory; compressed, both
/// results are about the same size. The features are those that the compiler uses.
fn shrink(workspace: &Workspace, profile: Profile, bound: &Path, files: &Path) -> Command {
    let level = match profile {
        Profile::Serve => "-O1",
        Profile::Release => "-Oz",
    };
    let mut command = process::command(workspace, "wasm-opt");
    command
        .args([
            level,
            "--enable-bulk-memory",
            "--enable-nontrapping-float-to-int",
        ])
        .arg(bound.join("berth_bg.wasm"))
        .arg("-o")
        // Leptos' pages load this name.
        .arg(files.join("berth.wasm"));
    command
}

/// Bundles and minifies JavaScript and CSS.
fn bundle(workspace: &Workspace, bound: &Path, files: &Path) -> Command {
    let with = |option: &str, path: PathBuf| {
        let mut argument = OsString::from(option);
        argument.push(path);
        argument
    };
    let mut command = process::command(workspace, "esbuild");
    command
        .arg(with("berth=", bound.join("berth.js")))
        .arg(with("berth=", workspace.root().join(STYLE)))
        .args(["--bundle", "--format=esm", "--minify"])
        .arg(format!("--target={}", BROWSERS.join(",")))
        .arg(with("--outdir=", files.to_owned()));
    command
}

fn add_modules(root: &Path, folder: &Path) -> Result<()> {
    for path in MODULES.map(Path::new) {
        let name = path.file_name().context("a module has a name")?;
        fs::copy(root.join(path), folder.join(name))
            .with_context(|| format!("cannot copy {}", path.display()))?;
    }
    Ok(())
}

/// Replaces the files of a folder by those of another; equal files stay untouched.
fn replace(new: &Path, old: &Path) -> Result<()> {
    fs::create_dir_all(old).with_context(|| format!("cannot create {}", old.display()))?;
    for name in names(old)? {
        if !new.join(&name).exists() {
            let path = old.join(&name);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for name in names(new)? {
        let path = new.join(&name);
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        if fs::read(old.join(&name)).ok().as_ref() != Some(&content) {
            write(&old.join(&name), &content)?;
        }
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<OsString>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    Ok(entries.flatten().map(|entry| entry.file_name()).collect())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// Returns the fingerprint of all inputs of the site, including the tools.
fn inputs(workspace: &Workspace, wasm: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    let bindgen = cargo_tools::wasm_bindgen(workspace)?;
    hasher.write(bindgen.title().as_bytes());
    hash_tree(wasm, &mut hasher);
    for path in OTHER_INPUTS.iter().chain(&MODULES) {
        hash_tree(&workspace.root().join(path), &mut hasher);
    }
    Ok(hasher.finish())
}

/// Returns the fingerprint of the existing files.
///
/// A site that someone else changed is out of date too.
fn fingerprint(path: &Path) -> u64 {
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
    use std::time::{Duration, SystemTime};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = Workspace::find().unwrap().work_folder().join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_changed_a_new_and_a_removed_file_change_the_fingerprint() {
        let folder = folder("test-site");
        fs::create_dir_all(folder.join("inner")).unwrap();
        let print = || fingerprint(&folder);
        let mut prints = vec![print()];
        fs::write(folder.join("inner/a"), "1").unwrap();
        prints.push(print());
        fs::write(folder.join("inner/a"), "2").unwrap();
        prints.push(print());
        fs::rename(folder.join("inner/a"), folder.join("inner/b")).unwrap();
        prints.push(print());
        assert_eq!(print(), prints[3]);
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), 4);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn only_files_with_new_content_are_written() {
        let (new, old) = (folder("test-site-new"), folder("test-site-old"));
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        for (name, content) in [("same", "1"), ("changed", "1"), ("gone", "1")] {
            fs::write(old.join(name), content).unwrap();
            let file = fs::File::options()
                .write(true)
                .open(old.join(name))
                .unwrap();
            file.set_modified(long_ago).unwrap();
        }
        for (name, content) in [("same", "1"), ("changed", "2"), ("added", "1")] {
            fs::write(new.join(name), content).unwrap();
        }
        replace(&new, &old).unwrap();

        let mut found = names(&old).unwrap();
        found.sort();
        assert_eq!(found, ["added", "changed", "same"]);
        assert_eq!(fs::read_to_string(old.join("changed")).unwrap(), "2");
        let written = |name: &str| fs::metadata(old.join(name)).unwrap().modified().unwrap();
        assert_eq!(written("same"), long_ago);
        assert_ne!(written("changed"), long_ago);
        for folder in [new, old] {
            fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn styles_are_for_the_same_browsers_as_with_cargo_leptos() {
        let path = Workspace::find().unwrap().root().join("Cargo.toml");
        let manifest = fs::read_to_string(path).unwrap();
        let query = manifest
            .lines()
            .find_map(|line| line.strip_prefix("browserquery = "))
            .unwrap();
        let browsers: Vec<_> = query
            .trim_matches('"')
            .split(", ")
            .map(|item| item.replace("ios_saf", "ios").replace(" >= ", ""))
            .collect();
        assert_eq!(browsers, BROWSERS);
    }
}
