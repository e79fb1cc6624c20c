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

    /// The folder that Cargo puts programs into.
    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.target().join(self.name())
    }
}

/// How many steps [`build`] takes.
pub(crate) const STEPS: usize = 3;

/// Builds everything that is out of date and says where the server is.
pub(crate) fn build(
    workspace: &Workspace,
    profile: Profile,
    progress: &mut Progress,
) -> Result<PathBuf> {
    progress.step("dashboard (wasm and CSS)", |line| {
        site::build(workspace, line)
    })?;
    let mut server = PathBuf::new();
    progress.step("server", |line| {
        let (program, outcome) = server::build(workspace, profile, line)?;
        server = program;
        Ok(outcome)
    })?;
    progress.step("example app localhost/berth/hello", |line| {
        example::build(workspace, profile, &Engine::find(), line)
    })?;
    Ok(server)
}

/// Builds the example app on another engine than the one that `serve` uses.
pub(crate) fn example_on(workspace: &Workspace, engine: &Engine) -> Result<()> {
    Progress::new(1).step("example app localhost/berth/hello", |line| {
        example::build(workspace, Profile::Serve, engine, line)
    })?;
    Ok(())
}

/// The server that the browser tests drive, once [`build`] has made it.
pub(crate) fn tested_server(workspace: &Workspace) -> PathBuf {
    server::server(workspace, Profile::Serve)
}

/// Builds the runner that stands alone, beside a server that was built just before.
pub(crate) fn runner(workspace: &Workspace, line: &mut Line) -> Result<(PathBuf, Outcome)> {
    server::build_runner(workspace, line)
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
