//! Docker Engines of other versions, unpacked but not installed.
//!
//! They come from Debian's packages. Programs written in Go run on older systems than they were
//! packaged for. `runc` and the init process of containers are written in C and do not, so all
//! engines use those of the oldest suite.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{
    progress::{Line, Outcome},
    setup::{
        Step,
        debian::{self, Suite},
    },
    workspace::Workspace,
};

/// An engine, identified by its Debian suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Prefix of the version, for display.
    pub version: &'static str,
    suite: &'static str,
}

/// The engine of Debian 12, on which all other tests run.
pub const OLDEST: Engine = Engine {
    version: "20.10",
    suite: "bookworm",
};
/// Engines that people install today.
pub const NEWER: [Engine; 2] = [
    Engine {
        version: "26.1",
        suite: "trixie",
    },
    Engine {
        version: "28.5",
        suite: "sid",
    },
];

/// Packages of the engine, its container supervisor and its port proxy.
const ENGINE: [&str; 2] = ["docker.io", "containerd"];
/// Packages of the programs written in C.
const FOUNDATION: [&str; 2] = ["runc", "tini"];

impl Engine {
    /// Returns the step that downloads the engine.
    ///
    /// The step is skipped if the download is not possible.
    pub fn step(self) -> Step {
        Step::new(
            format!("Docker Engine {} of {}", self.version, self.suite),
            move |workspace, line| {
                Ok(match self.get(workspace, line) {
                    Ok(outcome) => outcome,
                    Err(error) => Outcome::Skipped(format!("{error:#}")),
                })
            },
        )
    }

    /// Returns the folders for the PATH of the engine; `None` if it is not available.
    pub fn programs(self, workspace: &Workspace) -> Option<Vec<PathBuf>> {
        let own = self.folder(workspace);
        let foundation = OLDEST.folder(workspace);
        (own.is_dir() && foundation.is_dir()).then(|| {
            [own, foundation]
                .iter()
                .flat_map(|root| [root.join("usr/sbin"), root.join("usr/bin")])
                .collect()
        })
    }

    fn get(self, workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
        let folder = self.folder(workspace);
        if folder.is_dir() {
            return Ok(Outcome::Ready);
        }
        debian::check(workspace)?;
        // Next to the destination, so that the last step is an atomic rename.
        let work = folder.with_extension(format!("{}.new", std::process::id()));
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        let got = self.unpack(workspace, &work, line);
        let got = got.and_then(|root| {
            // Another process may have been faster.
            if fs::rename(&root, &folder).is_err() && !folder.is_dir() {
                bail!("cannot move {} to {}", root.display(), folder.display());
            }
            Ok(Outcome::Done)
        });
        let _ = fs::remove_dir_all(&work);
        got
    }

    fn unpack(self, workspace: &Workspace, work: &Path, line: &mut Line) -> Result<PathBuf> {
        line.note("reading the package list");
        let suite = Suite::read(workspace, work, self.suite, line)?;
        let mut packages = ENGINE.to_vec();
        if self == OLDEST {
            packages.extend(FOUNDATION);
        }
        line.note("downloading");
        let root = work.join("root");
        suite.unpack(&packages, &root, line)?;
        if !root.join("usr/sbin/dockerd").is_file() {
            bail!(
                "the package docker.io of {} does not contain dockerd",
                self.suite
            );
        }
        Ok(root)
    }

    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.cache_folder().join("engines").join(self.suite)
    }
}
