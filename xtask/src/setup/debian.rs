//! Access to packages of any Debian suite, without installing them.
//!
//! It uses private package lists; the machine's own list of sources stays unchanged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{process, progress::Line, workspace::Workspace};

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const DEFAULT_MIRROR: &str = "http://deb.debian.org/debian";

/// Checks that packages can be read and unpacked here.
///
/// # Errors
/// If this is not Debian; the message says what is missing.
pub fn check(workspace: &Workspace) -> Result<()> {
    for program in ["apt-get", "apt-cache", "dpkg"] {
        if workspace.find_program(program).is_none() {
            bail!("{program} is missing; it is needed to download packages from Debian");
        }
    }
    if !Path::new(KEYRING).exists() {
        bail!("{KEYRING} is missing: install the package debian-archive-keyring");
    }
    Ok(())
}

/// apt with one suite and its own lists.
pub struct Suite<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
}

impl<'a> Suite<'a> {
    /// Reads the package list of a suite into its own folder below `folder`.
    ///
    /// # Errors
    /// If the mirror does not answer or does not have the suite.
    pub fn read(
        workspace: &'a Workspace,
        folder: &Path,
        name: &str,
        line: &mut Line,
    ) -> Result<Self> {
        let folder = folder.join(name);
        for part in ["lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(folder.join(part))
                .with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let mirror = mirror();
        fs::write(
            folder.join("sources.list"),
            format!("deb [signed-by={KEYRING}] {mirror} {name} main\n"),
        )?;
        let suite = Self { workspace, folder };
        let mut update = suite.command("apt-get");
        // Otherwise apt only warns about an unreachable suite.
        update.args(["-o", "APT::Update::Error-Mode=any", "update"]);
        process::run(workspace, update, "apt-suite", line)?;
        Ok(suite)
    }

    /// Returns the versions of a package, as listed by `apt-cache madison`.
    pub fn versions(&self, package: &str) -> Result<String> {
        let mut command = self.command("apt-cache");
        command.args(["madison", package]);
        process::capture(command)
    }

    /// Downloads packages and unpacks them into one folder.
    ///
    /// Each is named as `package` or `package=version`.
    ///
    /// # Errors
    /// If one of them is missing, as on a mirror whose list is older than its files.
    pub fn unpack(&self, packages: &[&str], into: &Path, line: &mut Line) -> Result<()> {
        let mut command = self.command("apt-get");
        command.arg("download").args(packages);
        process::run(self.workspace, command, "apt-suite-download", line)?;
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                let mut unpacking = process::command(self.workspace, "dpkg");
                unpacking.arg("-x").arg(&path).arg(into);
                process::capture(unpacking)?;
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = process::command(self.workspace, program);
        let option = |key: &str, value: &str| {
            let value = self.folder.join(value);
            format!("{key}={}", value.display())
        };
        command
            .current_dir(&self.folder)
            .args(["-o", &option("Dir::Etc::sourcelist", "sources.list")])
            .args(["-o", "Dir::Etc::sourceparts=/dev/null"])
            .args(["-o", &option("Dir::State::lists", "lists")])
            // Installed packages must not affect which ones can be downloaded.
            .args(["-o", "Dir::State::status=/dev/null"])
            .args(["-o", &option("Dir::Cache", "cache")])
            // As its sandbox user, apt could not write into our folder.
            .args(["-o", "APT::Sandbox::User="])
            .args(["-o", "Acquire::Languages=none"])
            .args([
                "-o",
                "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            ])
            // A frozen mirror of a moving suite is good enough; signatures are still verified.
            .args(["-o", "Acquire::Check-Valid-Until=false"]);
        command
    }
}

/// Returns this machine's Debian mirror, so that closed networks work too.
pub fn mirror() -> String {
    let files = [
        "/etc/apt/sources.list.d/debian.sources",
        "/etc/apt/sources.list",
    ];
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| mirror_in(&text))
        .unwrap_or_else(|| DEFAULT_MIRROR.to_owned())
}

/// Returns the first address that ends in `/debian`.
///
/// Security updates have their own tree.
fn mirror_in(sources: &str) -> Option<String> {
    sources
        .lines()
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "))
        .flat_map(str::split_whitespace)
        .map(|word| word.trim_end_matches('/'))
        .find(|word| word.contains("://") && word.ends_with("/debian"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::mirror_in;

    #[test]
    fn the_mirror_of_the_machine_is_used() {
        let sources = "Types: deb\nURIs: https://mirror.example/debian/\nSuites: bookworm\n";
        assert_eq!(
            mirror_in(sources).as_deref(),
            Some("https://mirror.example/debian")
        );
        let old = "# deb http://no.example/debian x\n\
                   deb http://security.example/debian-security x main\n\
                   deb [arch=amd64] http://yes.example/debian x main\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://yes.example/debian"));
        assert_eq!(
            mirror_in("deb http://archive.example/ubuntu x main\n"),
            None
        );
    }
}
