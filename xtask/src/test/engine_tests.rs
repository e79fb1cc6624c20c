//! Selections of the Docker runner's tests that need an engine.

use std::process::Command;

use crate::{
    process,
    test::{
        counted::{count_cargo_test, count_nextest},
        report::Count,
        rust::has_nextest,
    },
    workspace::Workspace,
};

/// Tests whose apps print millions of lines, and tests with hundreds of networks.
const SLOW: [&str; 2] = ["lines::", "many_networks::"];
const UPGRADE: &str = "upgrade::";

/// Selection of the engine tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EngineChoice {
    /// All tests on one engine.
    All,
    /// The same without the slow ones, which take as long as the rest.
    Quick,
    /// Tests that replace the engine. They share one place, so they run one by one.
    Upgrade,
}

/// Tests of the Docker runner that need an engine.
pub(crate) struct EngineTests {
    has_nextest: bool,
    /// Parses a line of the test program's summary.
    pub(crate) count: fn(&str) -> Option<Count>,
}

impl EngineTests {
    /// Chooses nextest if it is installed.
    pub(crate) fn find(workspace: &Workspace) -> Self {
        let has_nextest = has_nextest(workspace);
        let count = if has_nextest {
            count_nextest
        } else {
            count_cargo_test
        };
        Self { has_nextest, count }
    }

    /// Returns the command that compiles the tests.
    pub(crate) fn build(&self, workspace: &Workspace) -> Command {
        let mut command = process::command(workspace, "cargo");
        command.args(self.program()).arg("--no-run");
        command
    }

    /// Returns cargo's arguments for running the tests.
    ///
    /// Nothing is downloaded: the host of an engine has no network.
    pub(crate) fn arguments(&self, choice: EngineChoice) -> Vec<String> {
        let mut arguments = self.program();
        arguments.extend(["--offline", "--no-fail-fast"].map(str::to_owned));
        let chosen: &[&str] = if self.has_nextest {
            match choice {
                EngineChoice::All => &["-E", "not test(/^upgrade::/)"],
                EngineChoice::Quick => &["-E", "not test(/^(upgrade|lines|many_networks)::/)"],
                EngineChoice::Upgrade => &["--test-threads=1", UPGRADE],
            }
        } else {
            match choice {
                EngineChoice::All => &["--", "--skip", UPGRADE],
                EngineChoice::Quick => &[
                    "--", "--skip", UPGRADE, "--skip", SLOW[0], "--skip", SLOW[1],
                ],
                EngineChoice::Upgrade => &["--", "--test-threads=1", UPGRADE],
            }
        };
        arguments.extend(chosen.iter().map(ToString::to_string));
        arguments
    }

    fn program(&self) -> Vec<String> {
        let words: &[&str] = if self.has_nextest {
            &["nextest", "run", "--workspace", "--test", "engine"]
        } else {
            &["test", "--package", "runner-docker", "--test", "engine"]
        };
        words.iter().map(ToString::to_string).collect()
    }
}
