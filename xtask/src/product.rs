//! What `serve` and the browser tests run: the site, the server that embeds it, the example app.

mod example;
mod server;
mod site;

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    docker::engine::Engine,
    process::Watcher,
    progress::{Line, Outcome, Progress},
    workspace::Workspace,
};

pub(crate) use server::Programs;

/// Cargo's profile that the programs are built with.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    /// Builds fast: for people who build from source, and for the browser tests.
    Serve,
    /// Runs fast: for releases and what is measured.
    Release,
}

impl Profile {
    /// As Cargo knows it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Release => "release",
        }
    }

    /// The one for what browsers load.
    pub(crate) const fn for_wasm(self) -> &'static str {
        match self {
            Self::Serve => "wasm-serve",
            Self::Release => "wasm-release",
        }
    }

    /// The folder that Cargo puts programs into.
    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.target().join(self.name())
    }
}

/// How many steps [`build`] takes.
pub(crate) const STEPS: usize = 3;

/// Builds everything that is out of date and says where the programs are.
pub(crate) fn build(
    workspace: &Workspace,
    profile: Profile,
    progress: &mut Progress,
) -> Result<Programs> {
    progress.step("dashboard (wasm and CSS)", |line| {
        site::build(workspace, profile, line)
    })?;
    progress.step("server and runner", |line| {
        server::build(workspace, profile, line)
    })?;
    progress.step("example app localhost/berth/hello", |line| {
        example::build(workspace, profile, &Engine::find(), line)
    })?;
    Ok(Programs::of(workspace, profile))
}

/// Builds the example app on another engine than the one that `serve` uses.
pub(crate) fn example_on(workspace: &Workspace, engine: &Engine) -> Result<()> {
    Progress::new(1).step("example app localhost/berth/hello", |line| {
        example::build(workspace, Profile::Serve, engine, line)
    })?;
    Ok(())
}

/// The programs that the browser tests use, once [`build`] has made them.
pub(crate) fn tested(workspace: &Workspace) -> Programs {
    Programs::of(workspace, Profile::Serve)
}

/// Builds the program that is many runners at once.
pub(crate) fn fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    server::build_fleet(workspace, line)
}

/// Passes a program's output on and remembers whether it had to compile anything.
struct Compiling<'a> {
    inner: &'a mut dyn Watcher,
    compiled: bool,
}

impl<'a> Compiling<'a> {
    fn new(inner: &'a mut dyn Watcher) -> Self {
        Self {
            inner,
            compiled: false,
        }
    }

    fn outcome(&self) -> Outcome {
        if self.compiled {
            Outcome::Done
        } else {
            Outcome::Ready
        }
    }
}

impl Watcher for Compiling<'_> {
    fn line(&mut self, line: &str) {
        self.compiled |= line.trim_start().starts_with("Compiling ");
        self.inner.line(line);
    }

    fn tick(&mut self) {
        self.inner.tick();
    }
}
