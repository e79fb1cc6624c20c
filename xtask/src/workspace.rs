//! Paths: the repository, its build folder, Cargo's home, the PATH.
//!
//! Only this module of the crate reads the environment.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Folders that every task uses.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    cargo_bin: PathBuf,
}

impl Workspace {
    /// Finds the folders and creates the log folder.
    pub fn find() -> Result<Self> {
        // Cargo sets the variable when it starts this program. The value at compile time may
        // belong to another checkout that shares the build folder.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").is_file())
            .context("no folder above this crate has a Cargo.lock")?
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

    /// Returns the repository's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns Cargo's build folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the folder for logs, stamps and intermediate files of this crate.
    pub fn work_folder(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// Returns the folder for data that is reproducible but slow to get.
    ///
    /// It survives clean builds if there is a home folder, and is shared by all checkouts.
    pub fn cache_folder(&self) -> PathBuf {
        user_cache().map_or_else(|| self.work_folder(), |cache| cache.join("berth"))
    }

    /// Returns the folder where `cargo install` places programs.
    pub fn cargo_bin(&self) -> &Path {
        &self.cargo_bin
    }

    /// Returns the folder of the npm package with the build tools.
    pub fn node_tools(&self) -> PathBuf {
        self.root.join("xtask/node")
    }

    /// Returns the PATH for child processes: our folders, followed by the user's.
    pub fn path(&self) -> OsString {
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
        // A folder with a colon in its name cannot be in a PATH.
        .unwrap_or(inherited)
    }

    /// Returns the same PATH with these folders in front.
    pub fn path_after(&self, folders: &[PathBuf]) -> OsString {
        let path = self.path();
        let rest = env::split_paths(&path);
        env::join_paths(folders.iter().cloned().chain(rest)).unwrap_or_else(|_| path.clone())
    }

    /// Finds a program on the PATH.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.path())
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    }
}

/// Returns the variables that `cargo run` set for this package.
///
/// If they were passed on, they would reach build scripts. A script that reads them (such as
/// ring's) would run again whenever our builds and manual builds take turns, along with all
/// dependent crates.
pub fn own_package() -> impl Iterator<Item = OsString> {
    const PREFIXES: [&str; 3] = ["CARGO_BIN_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    env::vars_os().map(|(name, _)| name).filter(|name| {
        let name = name.to_string_lossy();
        PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    })
}

/// True in a continuous-integration system, where nothing may be skipped.
pub fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Returns the Docker Engine chosen by the user, if any.
pub fn docker_host() -> Option<String> {
    env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty())
}

/// Returns the user's cache folder.
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
        .context("no home folder; set CARGO_HOME")
}
