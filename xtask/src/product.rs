//! What `serve` and the browser tests run: the site, the server that embeds it, the example app.

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

/// Names what building the same again compiles: nothing, unless a source has changed since.
pub(crate) fn compiled_again(workspace: &Workspace) -> Result<Vec<String>> {
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

/// The names of what Cargo had to compile, from its messages.
fn not_fresh(messages: &str) -> Vec<String> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact" && message["fresh"] == false)
        .filter_map(|message| message["target"]["name"].as_str().map(str::to_owned))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_compiled_is_named() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"serde"},"fresh":true}
{"reason":"build-script-executed","package_id":"api"}
{"reason":"compiler-artifact","target":{"name":"api"},"fresh":false}
{"reason":"build-finished","success":true}"#;
        assert_eq!(not_fresh(messages), ["api"]);
    }
}
