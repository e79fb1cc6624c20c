//! Docker Engines of other versions, unpacked from Debian's packages and not installed.
//!
//! Programs written in Go run on older systems than they were packaged for. `runc` and the first
//! process of containers are in C and do not, so those are the oldest suite's for all engines.

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

/// An engine by the suite of Debian that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Engine {
    /// The version's beginning, for people.
    pub(crate) version: &'static str,
    suite: &'static str,
}

/// What Debian 12 has; everything else is tested on it.
pub(crate) const OLDEST: Engine = Engine {
    version: "20.10",
    suite: "bookworm",
};
/// Those that people install today.
pub(crate) const NEWER: [Engine; 2] = [
    Engine {
        version: "26.1",
        suite: "trixie",
    },
    Engine {
        version: "28.5",
        suite: "sid",
    },
];

/// The engine, the containers' supervisor, and the proxy of published ports.
const ENGINE: [&str; 2] = ["docker.io", "containerd"];
/// The programs that are in C.
const FOUNDATION: [&str; 2] = ["runc", "tini"];

impl Engine {
    /// The step that gets it; one that cannot be had is skipped.
    pub(crate) fn step(self) -> Step {
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

    /// The folders that go on the PATH of whatever starts it; none when it could not be had.
    pub(crate) fn programs(self, workspace: &Workspace) -> Option<Vec<PathBuf>> {
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
        // Beside where it is kept, so that the last step is a renaming: nobody finds half of it.
        let work = folder.with_extension(format!("{}.new", std::process::id()));
        fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;
        let got = self.unpack(workspace, &work, line);
        let got = got.and_then(|root| {
            // Somebody else may have been faster.
            if fs::rename(&root, &folder).is_err() && !folder.is_dir() {
                bail!("cannot move {} to {}", root.display(), folder.display());
            }
            Ok(Outcome::Done)
        });
        let _ = fs::remove_dir_all(&work);
        got
    }

    fn unpack(self, workspace: &Workspace, work: &Path, line: &mut Line) -> Result<PathBuf> {
        line.note("reading the list of packages");
        let suite = Suite::read(workspace, work, self.suite, line)?;
        let mut packages = ENGINE.to_vec();
        if self == OLDEST {
            packages.extend(FOUNDATION);
        }
        line.note("downloading");
        let root = work.join("root");
        suite.unpack(&packages, &root, line)?;
        if !root.join("usr/sbin/dockerd").is_file() {
            bail!("the package docker.io of {} holds no engine", self.suite);
        }
        Ok(root)
    }

    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.cache_folder().join("engines").join(self.suite)
    }
}
