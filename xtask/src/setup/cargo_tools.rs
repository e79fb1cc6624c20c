//! Programs from crates.io, in versions that match this workspace.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::{
    process,
    progress::{Line, Outcome},
    setup::system,
    workspace::Workspace,
};

/// The newest version that Rust 1.95 builds.
const CARGO_LEPTOS_VERSION: &str = "0.3.10";

/// The newest version; it takes about a minute of CPU time to build.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// The newest version.
const CARGO_MACHETE_VERSION: &str = "0.9.2";

/// A program installed with `cargo install`.
pub struct Tool {
    package: &'static str,
    program: &'static str,
    version: String,
    /// True if it builds with its own lock file.
    is_locked: bool,
    /// Further arguments of `cargo install`.
    arguments: &'static [&'static str],
    needs: &'static [system::Package],
}

/// `wasm-bindgen`, in the version of the library in `Cargo.lock`.
pub fn wasm_bindgen(workspace: &Workspace) -> Result<Tool> {
    let path = workspace.root().join("Cargo.lock");
    let lock =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let version = locked_version(&lock, "wasm-bindgen")
        .context("Cargo.lock does not contain wasm-bindgen")?;
    Ok(Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: version.to_owned(),
        // Its lock file contains crates that need a newer Rust.
        is_locked: false,
        // Without the test runner for browsers, and the TLS library that it needs.
        arguments: &["--bin", "wasm-bindgen", "--no-default-features"],
        needs: &[],
    })
}

/// `cargo leptos`, which rebuilds and restarts on each change.
pub fn cargo_leptos() -> Tool {
    Tool {
        package: "cargo-leptos",
        program: "cargo-leptos",
        version: CARGO_LEPTOS_VERSION.to_owned(),
        is_locked: true,
        arguments: &[],
        // It builds its own OpenSSL, whose configuration is a Perl program.
        needs: &[system::MAKE, system::PERL],
    }
}

/// `cargo deny`, which checks sources and licenses of dependencies.
pub fn cargo_deny() -> Tool {
    Tool {
        package: "cargo-deny",
        program: "cargo-deny",
        version: CARGO_DENY_VERSION.to_owned(),
        is_locked: true,
        arguments: &[],
        needs: &[],
    }
}

/// `cargo machete`, which finds dependencies that nothing uses.
pub fn cargo_machete() -> Tool {
    Tool {
        package: "cargo-machete",
        program: "cargo-machete",
        version: CARGO_MACHETE_VERSION.to_owned(),
        is_locked: true,
        arguments: &[],
        needs: &[],
    }
}

impl Tool {
    /// Returns the title for the progress line.
    pub fn title(&self) -> String {
        format!("{} {}", self.program, self.version)
    }

    /// Installs the program, unless this exact version is on the PATH.
    pub fn install(&self, workspace: &Workspace, line: &mut Line) -> Result<Outcome> {
        if self.is_installed(workspace) {
            return Ok(Outcome::Ready);
        }
        system::install(workspace, self.needs, line)?;
        // Kept until it succeeds, so that an interrupted installation can continue.
        let build = workspace.work_folder().join("install");
        let mut command = self.install_command(workspace);
        command.arg("--target-dir").arg(&build);
        process::run(
            workspace,
            command,
            &format!("install-{}", self.package),
            line,
        )
        .with_context(|| format!("cannot install {} {}", self.package, self.version))?;
        fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
        Ok(Outcome::Done)
    }

    fn is_installed(&self, workspace: &Workspace) -> bool {
        let mut command = process::command(workspace, self.program);
        command.arg("--version");
        process::capture(command)
            .is_ok_and(|text| text.split_whitespace().any(|word| word == self.version))
    }

    fn install_command(&self, workspace: &Workspace) -> Command {
        let mut command = process::command(workspace, "cargo");
        command
            .args(["install", "--force", "--profile", "dev"])
            .arg(format!("{}@{}", self.package, self.version))
            .args(self.arguments)
            .arg("--root")
            .arg(
                workspace
                    .cargo_bin()
                    .parent()
                    .unwrap_or(workspace.cargo_bin()),
            )
            // The tools run a few times a day: half the build time matters more than their
            // speed.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        if self.is_locked {
            command.arg("--locked");
        }
        command
    }
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_the_lock_file_is_of_exactly_that_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "absent"), None);
    }
}
