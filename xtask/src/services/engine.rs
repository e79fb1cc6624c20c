//! A Docker Engine of any version, on its own host.
//!
//! The host is a set of namespaces: it has its own processes, mounts and network, so that
//! engines cannot collide with each other or with that of the real host. Programs on it find
//! their engine at the usual address.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    docker::engine::{Answer, Engine},
    http::Request,
    process,
    services::{self, Folder, Plan, Process, START_DEADLINE, Service},
    workspace::Workspace,
};

/// Name of the host's first process in the kernel.
const FIRST_PROCESS: &str = "docker-init";
/// Time to wait for the host's end; the kernel ends everything on it at once.
const END_DEADLINE: Duration = Duration::from_secs(10);

/// A host without an engine. Dropping it ends everything on it.
pub struct IsolatedHost {
    process: Process,
    path: OsString,
}

impl IsolatedHost {
    /// Starts a host with these folders first on its PATH.
    pub fn start(workspace: &Workspace, programs: &[PathBuf]) -> Result<Self> {
        let first = programs
            .iter()
            .map(|folder| folder.join(FIRST_PROCESS))
            .find(|program| program.is_file())
            .with_context(|| format!("{FIRST_PROCESS} is missing"))?;
        let mut command = process::command(workspace, "setpriv");
        command
            // `unshare` ends on no other signal.
            .args(["--pdeathsig", "KILL", "--", "unshare"])
            .args(["--mount", "--net", "--pid", "--fork", "--kill-child=KILL"])
            .args(["--mount-proc", "--"])
            .arg(first)
            .args(["--", "sleep", "infinity"]);
        let child = command
            .spawn()
            .context("cannot start an isolated environment")?;
        let mut host = Self {
            process: Process { child, stop: None },
            path: workspace.path_after(programs),
        };
        host.wait_until_up()?;
        host.run(workspace, &["ip", "link", "set", "lo", "up"])?;
        // Hides the sockets, process ids and locks of the real host.
        host.run(workspace, &["mount", "-t", "tmpfs", "tmpfs", "/run"])?;
        Ok(host)
    }

    /// Prepares a program to run on the host, in a folder of the repository.
    pub fn command(
        &self,
        workspace: &Workspace,
        folder: &str,
        program: impl AsRef<OsStr>,
    ) -> Command {
        let folder = workspace.root().join(folder);
        self.enter(process::command(workspace, "nsenter"), &folder, program)
    }

    /// Prepares a program to run on the host, and to end with this process.
    fn dependent(&self, workspace: &Workspace, program: &str) -> Command {
        let command = services::dependent(workspace, Path::new("nsenter"), None);
        self.enter(command, Path::new("/"), program)
    }

    fn enter(&self, mut command: Command, folder: &Path, program: impl AsRef<OsStr>) -> Command {
        let namespace = |name: &str| format!("/proc/{}/ns/{name}", self.number());
        command
            .env("PATH", &self.path)
            .arg(format!("--mount={}", namespace("mnt")))
            .arg(format!("--net={}", namespace("net")))
            .arg(format!("--pid={}", namespace("pid_for_children")))
            .arg("--")
            // A program that enters the namespaces starts at the root.
            .args(["env", "--chdir"])
            .arg(folder)
            .arg(program);
        command
    }

    /// Returns the engine on the host, if one was started there.
    pub fn engine(&self) -> Engine {
        Engine::at(&self.file("/run/docker.sock"))
    }

    /// Returns the path of a host's file on the real host.
    fn file(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.number()))
    }

    fn run(&self, workspace: &Workspace, program: &[&str]) -> Result<()> {
        let mut command = self.command(workspace, "", program[0]);
        command.args(&program[1..]);
        process::capture(command).map(drop)
    }

    fn number(&self) -> u32 {
        self.process.child.id()
    }

    fn wait_until_up(&mut self) -> Result<()> {
        // When the host's own `/proc` is mounted, its first process is ours.
        let name = self.file("/proc/1/comm");
        let deadline = Instant::now() + START_DEADLINE;
        while fs::read_to_string(&name).unwrap_or_default().trim() != FIRST_PROCESS {
            if let Some(status) = self.process.child.try_wait()? {
                bail!("cannot create an isolated environment here: unshare exited ({status})");
            }
            if Instant::now() >= deadline {
                bail!("the isolated environment did not start");
            }
            thread::sleep(services::POLL);
        }
        Ok(())
    }
}

impl Drop for IsolatedHost {
    fn drop(&mut self) {
        let number = self.number();
        let children = format!("/proc/{number}/task/{number}/children");
        let first = fs::read_to_string(children).unwrap_or_default();
        let _ = self.process.child.kill();
        let _ = self.process.child.wait();
        // The first process ends after everything else on the host.
        let first = PathBuf::from("/proc").join(first.trim());
        let deadline = Instant::now() + END_DEADLINE;
        while first != Path::new("/proc") && first.exists() && Instant::now() < deadline {
            thread::sleep(services::POLL);
        }
    }
}

/// A host with an engine that answers.
pub struct OwnEngine {
    // Drop order: everything must end before the engine's folder is removed.
    host: IsolatedHost,
    _daemon: Service,
    /// Full version of the engine.
    pub version: String,
    /// Newest API version that the engine supports.
    pub api: String,
}

impl OwnEngine {
    /// Starts the engine whose programs are in these folders.
    pub fn start(workspace: &Workspace, name: &'static str, programs: &[PathBuf]) -> Result<Self> {
        let host = IsolatedHost::start(workspace, programs)?;
        let folder = Folder::create("engine")?;
        let mut command = host.dependent(workspace, "dockerd");
        command
            .arg("--data-root")
            .arg(folder.path())
            // The host has no service manager, even if the real one does.
            .args(["--exec-opt", "native.cgroupdriver=cgroupfs"]);
        let engine = host.engine();
        let plan = Plan {
            name,
            command,
            stop: None,
            folder,
            address: String::new(),
        };
        let daemon = services::start(workspace, plan, || matches!(engine.ping(), Answer::Yes))?;
        let about = engine.request(&Request::get("/version"))?.json()?;
        let text = |key: &str| about[key].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            host,
            _daemon: daemon,
            version: text("Version"),
            api: text("ApiVersion"),
        })
    }

    /// Returns the engine's host.
    pub const fn host(&self) -> &IsolatedHost {
        &self.host
    }
}
