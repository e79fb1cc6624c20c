//! Packages of the operating system, installed with apt if possible.

use std::{fs, io, path::Path, time::Duration};

use anyhow::{Context, Result, bail};

use crate::{
    process,
    progress::{Line, Outcome},
    workspace::Workspace,
};

/// Age up to which package lists count as fresh.
///
/// Mirrors keep the listed files for much longer.
const LISTS_STAY_FRESH: Duration = Duration::from_mins(15);

/// A package of the operating system.
pub struct Package {
    /// Name in Debian and Ubuntu.
    debian: &'static str,
    /// Proofs of installation, any of which is enough: a program on the PATH or a path.
    found_as: &'static [&'static str],
}

/// The static build, recognized by its documentation.
///
/// The non-static package installs the same program path.
pub const BUSYBOX: Package = package("busybox-static", &["/usr/share/doc/busybox-static"]);
pub const CHROMIUM: Package = package("chromium", &["chromium"]);
pub const DOCKER: Package = package("docker.io", &["dockerd"]);
/// Without any font, Chromium lays out all text with zero width.
pub const FONTS: Package = package("fonts-liberation", &["/usr/share/fonts/truetype"]);
pub const IPTABLES: Package = package("iptables", &["iptables"]);
/// `ip`, for tests on their own host.
pub const IPROUTE: Package = package("iproute2", &["ip"]);
pub const MAKE: Package = package("make", &["make"]);
pub const NODE: Package = package("nodejs", &["node"]);
pub const NPM: Package = package("npm", &["npm"]);
pub const OPENSSL: Package = package("openssl", &["openssl"]);
/// The whole of Perl: Debian's base part lacks most modules, and this program.
pub const PERL: Package = package("perl", &["corelist"]);
pub const POSTGRES: Package = package("postgresql", &["/usr/lib/postgresql"]);
pub const REDIS: Package = package("redis-server", &["redis-server"]);
pub const REGISTRY: Package = package("docker-registry", &["docker-registry"]);

const fn package(debian: &'static str, found_as: &'static [&'static str]) -> Package {
    Package { debian, found_as }
}

/// Installs the missing packages.
///
/// # Errors
/// If one is missing and this is not Debian or Ubuntu, or this process is not root: the message
/// says what to install.
pub fn install(workspace: &Workspace, wanted: &[Package], line: &mut Line) -> Result<Outcome> {
    let missing: Vec<_> = wanted
        .iter()
        .filter(|package| !is_there(workspace, package))
        .map(|package| package.debian)
        .collect();
    if missing.is_empty() {
        return Ok(Outcome::Ready);
    }
    let list = missing.join(" ");
    if !can_install(workspace) {
        bail!(
            "missing tools: {list}. Install them (on Debian and Ubuntu: `sudo apt-get install \
             {list}`) and rerun this command."
        );
    }
    refresh_lists(workspace, line)?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(&missing);
    apt(workspace, &arguments, "apt-install", line)?;
    Ok(Outcome::Done)
}

/// True if apt is available and we may use it.
pub fn can_install(workspace: &Workspace) -> bool {
    is_root() && workspace.find_program("apt-get").is_some()
}

/// True if this process runs as root.
pub fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    effective_user(&status) == Some(0)
}

fn is_there(workspace: &Workspace, package: &Package) -> bool {
    package.found_as.iter().any(|name| {
        if name.starts_with('/') {
            Path::new(name).exists()
        } else {
            workspace.find_program(name).is_some()
        }
    })
}

/// Returns the second number of the line `Uid: real effective saved filesystem`.
fn effective_user(status: &str) -> Option<u32> {
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    ids.split_whitespace().nth(1)?.parse().ok()
}

/// Updates the package lists, unless an earlier step has just done so.
fn refresh_lists(workspace: &Workspace, line: &mut Line) -> Result<()> {
    let stamp = workspace.work_folder().join("apt-update.stamp");
    let age = fs::metadata(&stamp)
        .and_then(|stamp| stamp.modified()?.elapsed().map_err(io::Error::other));
    if age.is_ok_and(|age| age < LISTS_STAY_FRESH) {
        return Ok(());
    }
    apt(workspace, &["update"], "apt-update", line)?;
    fs::write(&stamp, "").with_context(|| format!("cannot write {}", stamp.display()))
}

fn apt(workspace: &Workspace, arguments: &[&str], log: &str, line: &mut Line) -> Result<()> {
    let mut command = process::command(workspace, "apt-get");
    command
        .args(["-o", "DPkg::Lock::Timeout=300"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::run(workspace, command, log, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_user_is_read_from_the_process_status() {
        let status = "Name:\tx\nUid:\t1000\t0\t1000\t1000\nGid:\t5\t5\t5\t5\n";
        assert_eq!(effective_user(status), Some(0));
        assert_eq!(effective_user("Name:\tx\n"), None);
    }
}
