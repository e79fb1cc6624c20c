//! The browser's standard library built from its source, where rustup cannot download.
//!
//! Debian packages the source of each Rust version as `rust-src`. It must be the version of the
//! compiler in use, so every suite that may hold it is asked until one has it. The packages
//! are read through private lists: the machine's own list of sources stays as it is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{process, progress::Line, setup::rust::WASM_TARGET, workspace::Workspace};

const PACKAGE: &str = "rust-src";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const DEFAULT_MIRROR: &str = "http://deb.debian.org/debian";
/// Backports first: new compilers for the stable releases arrive there.
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

/// Builds the libraries and puts them into `destination`.
///
/// # Errors
/// When this is no Debian, no suite has the source of this compiler, or it does not build.
pub(crate) fn build(workspace: &Workspace, destination: &Path, line: &mut Line) -> Result<()> {
    for program in ["apt-get", "apt-cache", "dpkg"] {
        if workspace.find_program(program).is_none() {
            bail!("{program} is missing: the source of the standard library comes from Debian");
        }
    }
    if !Path::new(KEYRING).exists() {
        bail!("{KEYRING} is missing: install the package debian-archive-keyring");
    }
    let release = compiler_release(workspace)?;
    let folder = workspace.work_folder().join("wasm-std");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;

    let package = download(workspace, &folder, &release, line)?;
    let source = unpack(workspace, &folder, &package, &release)?;
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

/// `1.95.0` of the compiler in use.
fn compiler_release(workspace: &Workspace) -> Result<String> {
    let mut command = process::command(workspace, "rustc");
    command.arg("--version");
    let text = process::capture(command)?;
    let release = text.split_whitespace().nth(1).unwrap_or_default();
    if release.is_empty() || release.contains('-') {
        bail!("only released compilers have a packaged source, this is {text}");
    }
    Ok(release.to_owned())
}

fn download(
    workspace: &Workspace,
    folder: &Path,
    release: &str,
    line: &mut Line,
) -> Result<PathBuf> {
    let mirror = mirror();
    let mut problems = Vec::new();
    for suite in SUITES {
        line.note(&format!("looking for {PACKAGE} {release} in {suite}"));
        let apt = match Apt::with_suite(workspace, folder, &mirror, suite, line) {
            Ok(apt) => apt,
            Err(error) => {
                problems.push(format!("{suite} cannot be read: {error:#}"));
                continue;
            }
        };
        if let Some(version) = apt.version_of(release)? {
            line.note(&format!("downloading {PACKAGE} {version} from {suite}"));
            return apt.download(&version, line);
        }
    }
    bail!(
        "no suite of {mirror} has the package {PACKAGE} in version {release} (looked in {}). {}",
        SUITES.join(", "),
        problems.join("; ")
    )
}

/// apt with one suite and with lists of its own.
struct Apt<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
}

impl<'a> Apt<'a> {
    fn with_suite(
        workspace: &'a Workspace,
        folder: &Path,
        mirror: &str,
        suite: &str,
        line: &mut Line,
    ) -> Result<Self> {
        let folder = folder.join(suite);
        for part in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(part))?;
        }
        fs::write(
            folder.join("sources.list"),
            format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n"),
        )?;
        let apt = Self { workspace, folder };
        let mut update = apt.command("apt-get");
        // Without this apt calls an unreachable suite a warning.
        update.args(["-o", "APT::Update::Error-Mode=any", "update"]);
        process::run(workspace, update, "apt-rust-src", line)?;
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::command(self.workspace, program);
        let option = |key: &str, value: &str| {
            let value = self.folder.join(value);
            format!("{key}={}", value.display())
        };
        command
            .current_dir(&self.folder)
            .args(["-o", &option("Dir::Etc::sourcelist", "sources.list")])
            .args(["-o", "Dir::Etc::sourceparts=/dev/null"])
            .args(["-o", &option("Dir::State::lists", "lists")])
            .args(["-o", &option("Dir::Cache", "cache")])
            // As its own user apt could not write into our folder.
            .args(["-o", "APT::Sandbox::User="])
            .args(["-o", "Acquire::Languages=none"]);
        command
    }

    /// The package's version that holds the source of this compiler.
    fn version_of(&self, release: &str) -> Result<Option<String>> {
        let mut command = self.command("apt-cache");
        command.args(["madison", PACKAGE]);
        Ok(matching_version(&process::capture(command)?, release))
    }

    fn download(&self, version: &str, line: &mut Line) -> Result<PathBuf> {
        let mut command = self.command("apt-get");
        command.args(["download", &format!("{PACKAGE}={version}")]);
        process::run(self.workspace, command, "apt-rust-src-download", line)?;
        fs::read_dir(&self.folder)?
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .context("apt-get downloaded no package")
    }
}

/// Picks from the lines `package | version | source` the version of this release.
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

/// The mirror that this machine uses for Debian, so that a closed network works too.
fn mirror() -> String {
    let files = [
        "/etc/apt/sources.list.d/debian.sources",
        "/etc/apt/sources.list",
    ];
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| mirror_in(&text))
        .unwrap_or_else(|| DEFAULT_MIRROR.to_owned())
}

/// The first address that ends in `/debian`: security has a tree of its own.
fn mirror_in(sources: &str) -> Option<String> {
    sources
        .lines()
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "))
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_end_matches('/'))
        .find(|word| word.contains("://") && word.ends_with("/debian"))
        .map(str::to_owned)
}

fn unpack(workspace: &Workspace, folder: &Path, package: &Path, release: &str) -> Result<PathBuf> {
    let root = folder.join("unpacked");
    let mut command = process::command(workspace, "dpkg");
    command.arg("-x").arg(package).arg(&root);
    process::capture(command)?;
    let source = root.join(format!("usr/src/rustc-{release}/library"));
    if !source.join("Cargo.lock").exists() {
        bail!(
            "{} does not hold the standard library's source",
            package.display()
        );
    }
    Ok(source)
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
        // The library uses features that a stable compiler only allows its own library.
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

    #[test]
    fn the_mirror_of_the_machine_is_used() {
        let sources = "Types: deb\nURIs: https://mirror.example/debian/\nSuites: bookworm\n";
        assert_eq!(
            mirror_in(sources).as_deref(),
            Some("https://mirror.example/debian")
        );
        let old = "# deb http://no.example/debian x\n\
                   deb http://security.example/debian-security x main\n\
                   deb [arch=amd64] http://yes.example/debian x main\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://yes.example/debian"));
        assert_eq!(
            mirror_in("deb http://archive.example/ubuntu x main\n"),
            None
        );
    }
}
