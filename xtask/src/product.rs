//! Builds for `serve` and the browser tests: site, server and example app.

mod example;
mod server;
mod site;

use std::path::PathBuf;

use anyhow::Result;
use serde_json::Value;

use crate::{
    docker::engine::Engine,
    process::{self, Watcher},
    progress::{Line, Outcome, Progress},
    workspace::Workspace,
};

pub use server::Programs;

/// Cargo profile of the programs.
#[derive(Clone, Copy)]
pub enum Profile {
    /// Fast to build: for builds from source and for the browser tests.
    Serve,
    /// Fast to run: for releases and benchmarks.
    Release,
}

impl Profile {
    /// Returns Cargo's name of the profile.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Release => "release",
        }
    }

    /// Returns the name of the corresponding profile for WebAssembly.
    pub const fn for_wasm(self) -> &'static str {
        match self {
            Self::Serve => "wasm-serve",
            Self::Release => "wasm-release",
        }
    }

    /// Returns the folder where Cargo places the programs.
    fn folder(self, workspace: &Workspace) -> PathBuf {
        workspace.target().join(self.name())
    }
}

/// Number of steps in [`build`].
pub const STEPS: usize = 3;

/// Builds everything that is out of date, and returns the paths of the programs.
pub fn build(workspace: &Workspace, profile: Profile, progress: &mut Progress) -> Result<Programs> {
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

/// Returns the crates that another build would compile.
///
/// Empty, unless a source changed since the last build.
pub fn compiled_again(workspace: &Workspace) -> Result<Vec<String>> {
    let mut compiled = Vec::new();
    for mut command in [
        site::cargo(workspace, Profile::Serve),
        server::cargo(workspace, Profile::Serve),
    ] {
        command.args(["--message-format", "json"]);
        compiled.extend(not_fresh(&process::capture(command)?));
    }
    Ok(compiled)
}

/// Returns the names of the crates that Cargo had to compile, from its messages.
fn not_fresh(messages: &str) -> Vec<String> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["fresh"] == false)
        .filter_map(|message| message["target"]["name"].as_str().map(str::to_owned))
        .collect()
}

/// Builds the example app on an engine other than the one that `serve` uses.
pub fn example_on(workspace: &Workspace, engine: &Engine) -> Result<()> {
    Progress::new(1).step("example app localhost/berth/hello", |line| {
        example::build(workspace, Profile::Serve, engine, line)
    })?;
    Ok(())
}

/// Returns the programs of the browser tests, which [`build`] must have built.
pub fn tested(workspace: &Workspace) -> Programs {
    Programs::of(workspace, Profile::Serve)
}

/// Builds the program that simulates many runners.
pub fn fleet(workspace: &Workspace, line: &mut Line) -> Result<PathBuf> {
    server::build_fleet(workspace, line)
}

/// Forwards a program's output and records if it compiled anything.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_compiled_packages_are_named() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"fresh":true}
{"reason":"build-script-executed","package_id":"api"}
{"reason":"compiler-artifact","target":{"name":"api"},"fresh":false}
{"reason":"build-finished","success":true}"#;
        assert_eq!(not_fresh(messages), ["api"]);
    }
}
