//! The browser's standard library, built from source if rustup cannot download it.
//!
//! Debian packages the source of each Rust version as `rust-src`. The version must match the
//! compiler in use, so suites are searched until one has it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    progress::Line,
    setup::{
        debian::{self, Suite},
        rust::WASM_TARGET,
    },
    workspace::Workspace,
};

const PACKAGE: &str = "rust-src";
/// Suites to search, backports first. New compilers for stable releases arrive there.
const SUITES: [&str; 9] = [
    "trixie-backports",
    "bookworm-backports",
    "forky",
    "sid",
    "trixie",
    "trixie-updates",
    "bookworm",
    "bookworm-updates",
    "experimental",
];

/// Builds the libraries into `destination`.
///
/// # Errors
/// If this is not Debian, no suite has the source of this compiler, or the build fails.
pub fn build(workspace: &Workspace, destination: &Path, line: &mut Line) -> Result<()> {
    debian::check(workspace)?;
    let release = compiler_release(workspace)?;
    let folder = workspace.work_folder().join("wasm-std");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;

    let source = download(workspace, &folder, &release, line)?;
    line.note("compiling the standard library");
    let built = folder.join("target");
    process::run(
        workspace,
        build_command(workspace, &source, &built),
        "wasm-std",
        line,
    )?;
    let libraries = built.join(WASM_TARGET).join("release/deps");
    copy_libraries(&libraries, destination)?;
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// Returns the release of the compiler in use, for example `1.95.0`.
fn compiler_release(workspace: &Workspace) -> Result<String> {
    let mut command = process::command(workspace, "rustc");
    command.arg("--version");
    let text = process::capture(command)?;
    let release = text.split_whitespace().nth(1).unwrap_or_default();
    if release.is_empty() || release.contains('-') {
        bail!("only released compilers have a source package; this is {text}");
    }
    Ok(release.to_owned())
}

/// Downloads the source from the first suite that has it.
///
/// Returns the source's workspace.
fn download(
    workspace: &Workspace,
    folder: &Path,
    release: &str,
    line: &mut Line,
) -> Result<PathBuf> {
    let mut problems = Vec::new();
    for name in SUITES {
        line.note(&format!("looking for {PACKAGE} {release} in {name}"));
        let suite = match Suite::read(workspace, folder, name, line) {
            Ok(suite) => suite,
            Err(error) => {
                problems.push(format!("cannot read {name}: {error:#}"));
                continue;
            }
        };
        if let Some(version) = matching_version(&suite.versions(PACKAGE)?, release) {
            line.note(&format!("downloading {PACKAGE} {version} from {name}"));
            let root = folder.join("unpacked");
            suite.unpack(&[&format!("{PACKAGE}={version}")], &root, line)?;
            return source_in(&root, release);
        }
    }
    bail!(
        "no suite of {} has the package {PACKAGE} in version {release} (looked in {}). {}",
        debian::mirror(),
        SUITES.join(", "),
        problems.join("; ")
    )
}

fn source_in(root: &Path, release: &str) -> Result<PathBuf> {
    let source = root.join(format!("usr/src/rustc-{release}/library"));
    if !source.join("Cargo.lock").exists() {
        bail!("the package {PACKAGE} does not contain the standard library's source");
    }
    Ok(source)
}

/// Finds the version of this release in a listing.
///
/// Lines have the form `package | version | source`.
fn matching_version(listing: &str, release: &str) -> Option<String> {
    listing
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| {
            version
                .strip_prefix(release)
                .is_some_and(|rest| rest.starts_with(['+', '-', '~']))
        })
        .map(str::to_owned)
}

fn build_command(workspace: &Workspace, source: &Path, target: &Path) -> Command {
    let mut command = process::command(workspace, "cargo");
    command
        .current_dir(source)
        .args(["build", "--locked", "--release", "--package", "sysroot"])
        .args([
            "--target",
            WASM_TARGET,
            "--features",
            "compiler-builtins-mem",
        ])
        .arg("--target-dir")
        .arg(target)
        // A stable compiler allows the library's features only to its own library.
        .env("RUSTC_BOOTSTRAP", "1")
        .env(
            "RUSTFLAGS",
            "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked",
        )
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort");
    command
}

fn copy_libraries(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let path = entry?.path();
        let (Some(name), Some(extension)) = (path.file_name(), path.extension()) else {
            continue;
        };
        if extension == "rlib" {
            fs::copy(&path, to.join(name))
                .with_context(|| format!("cannot write into {}", to.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_of_exactly_this_release_is_picked() {
        let listing = "  rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://x trixie-backports/main\n\
                       \x20 rust-src | 1.85.0+dfsg3-1 | http://x trixie/main\n";
        assert_eq!(
            matching_version(listing, "1.95.0").as_deref(),
            Some("1.95.0+dfsg1-2~bpo13+1")
        );
        assert_eq!(
            matching_version(listing, "1.85.0").as_deref(),
            Some("1.85.0+dfsg3-1")
        );
        assert_eq!(matching_version(listing, "1.9"), None);
    }
}
