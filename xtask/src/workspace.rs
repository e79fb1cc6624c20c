//! Where things are: the repository, its build folder, Cargo's home, the PATH.
//!
//! The only place of this crate that reads the environment.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The folders that every task works with.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cargo_bin: PathBuf,
}

impl Workspace {
    /// Finds the folders and creates the one for logs.
    pub(crate) fn find() -> Result<Self> {
        // Cargo says it when it starts us. What it said when we were compiled may be another
        // checkout that shares the build folder.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .parent()
            .context("the xtask crate has no parent folder")?
            .to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        let workspace = Self {
            cargo_bin: cargo_home()?.join("bin"),
            root,
            target,
        };
        let folder = workspace.work_folder();
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(workspace)
    }

    /// The repository.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's build folder.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Logs, stamps and intermediate files of this crate.
    pub(crate) fn work_folder(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// What can be had again and takes a while: kept over clean builds where there is a home, and
    /// for every checkout.
    pub(crate) fn cache_folder(&self) -> PathBuf {
        user_cache().map_or_else(|| self.work_folder(), |cache| cache.join("berth"))
    }

    /// Where `cargo install` puts programs.
    pub(crate) fn cargo_bin(&self) -> &Path {
        &self.cargo_bin
    }

    /// The folder of the npm package with the build tools.
    pub(crate) fn node_tools(&self) -> PathBuf {
        self.root.join("xtask/node")
    }

    /// PATH for everything we start: ours first, then what the user has.
    pub(crate) fn path(&self) -> OsString {
        let ours = [
            self.cargo_bin.clone(),
            self.node_tools().join("node_modules/.bin"),
        ];
        let inherited = env::var_os("PATH").unwrap_or_default();
        let system = ["/usr/sbin", "/sbin"].map(PathBuf::from);
        env::join_paths(
            ours.into_iter()
                .chain(env::split_paths(&inherited))
                .chain(system),
        )
        // A folder with a colon in its name cannot be on a PATH at all.
        .unwrap_or(inherited)
    }

    /// The same after folders that come before everything.
    pub(crate) fn path_after(&self, folders: &[PathBuf]) -> OsString {
        let path = self.path();
        let rest = env::split_paths(&path);
        env::join_paths(folders.iter().cloned().chain(rest)).unwrap_or_else(|_| path.clone())
    }

    /// Where a program is, if it is anywhere.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.path())
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    }
}

/// What `cargo run` told us about our own package.
///
/// Passed on, it would reach build scripts, and one that looks at it (ring's does) would run again,
/// with all that depends on it, whenever builds of ours and builds by hand take turns.
pub(crate) fn own_package() -> impl Iterator<Item = OsString> {
    const PREFIXES: [&str; 3] = ["CARGO_BIN_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// Whether a continuous-integration system runs us: then nothing may be skipped.
pub(crate) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// The Docker Engine chosen by the user, if any.
pub(crate) fn docker_host() -> Option<String> {
    env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty())
}

/// Where this user's programs keep what they can get again.
fn user_cache() -> Option<PathBuf> {
    let chosen = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    chosen
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(env::home_dir()?.join(".cache")))
}

fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cargo")))
        .context("there is no home folder: set CARGO_HOME")
}
