//! Servers for tests.
//!
//! Each runs on a free port, in a temporary folder, and stops when its owner is dropped.

pub(crate) mod engine;
pub(crate) mod postgres;
pub(crate) mod redis;
pub(crate) mod registry;

use std::{
    env, fs,
    fs::{DirBuilder, File},
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{process, workspace::Workspace};

const START_DEADLINE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// A running server; dropping it stops the process and removes its folder.
pub struct Service {
    /// Address that tests receive.
    pub address: String,
    // Drop order: the process must end before its folder is removed.
    _process: Process,
    _folder: Folder,
}

/// Command and stop command of a service.
struct Plan {
    name: &'static str,
    command: Command,
    /// Command that stops the service gracefully; without one, it is killed.
    stop: Option<Command>,
    folder: Folder,
    address: String,
}

/// Starts a program and waits until `is_ready` returns true.
fn start(workspace: &Workspace, plan: Plan, is_ready: impl Fn() -> bool) -> Result<Service> {
    let name = plan.name;
    let log = workspace.work_folder().join(format!("{name}.log"));
    let out = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = plan.command;
    command.stdout(out.try_clone()?).stderr(out);
    let child = command
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let mut process = Process {
        child,
        stop: plan.stop,
    };
    let deadline = Instant::now() + START_DEADLINE;
    while !is_ready() {
        if let Some(status) = process.child.try_wait()? {
            bail!("{name} exited ({status}); see {}", log.display());
        }
        if Instant::now() >= deadline {
            bail!("{name} is not responding; see {}", log.display());
        }
        thread::sleep(POLL);
    }
    Ok(Service {
        address: plan.address,
        _process: process,
        _folder: plan.folder,
    })
}

/// Prepares a program that receives SIGINT when this process ends.
///
/// Even if this process is killed. `user` is the user to switch to, for servers that refuse to
/// run as root.
fn dependent(workspace: &Workspace, program: &Path, user: Option<&str>) -> Command {
    let mut command = process::command(workspace, "setpriv");
    command.args(["--pdeathsig", "INT"]);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    }
    command.arg("--").arg(program).current_dir("/");
    command
}

/// A process that ends with its owner.
struct Process {
    child: Child,
    stop: Option<Command>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // A failure cannot be reported here, and the kill follows anyway.
        let stopped = self
            .stop
            .as_mut()
            .is_some_and(|stop| stop.output().is_ok_and(|output| output.status.success()));
        if !stopped {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A new temporary folder, removed with its owner.
pub struct Folder(PathBuf);

impl Folder {
    /// Creates a folder whose name begins with `berth-` and this name.
    pub fn create(name: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        remove_abandoned(name);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Not in the build folder: below a private home, another user cannot enter it.
        let path = env::temp_dir().join(format!("berth-{name}-{}-{number}", std::process::id()));
        // An existing folder is not ours: process numbers are reused, files must not be.
        // `berthd` refuses a data folder that others may enter.
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }

    /// Returns the folder's path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes folders of killed runs, which could not remove them.
fn remove_abandoned(name: &str) {
    let prefix = format!("berth-{name}-");
    for entry in fs::read_dir(env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let file_name = entry.file_name();
        let owner = file_name
            .to_str()
            .and_then(|file_name| file_name.strip_prefix(&prefix)?.split('-').next());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner).exists()) {
            // Folders of other users are not ours to remove, and harmless.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Returns a port that is free at the moment.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?.port())
}

/// True if a server on loopback answers `request` with `expected`.
///
/// The response only has to begin with that text.
fn answers(port: u16, request: &str, expected: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = vec![0; expected.len()];
        stream.read_exact(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    ask().is_ok_and(|answer| answer == expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper(workspace: &Workspace) -> Plan {
        let mut command = dependent(workspace, Path::new("sleep"), None);
        command.arg("600");
        Plan {
            name: "test-sleeper",
            command,
            stop: None,
            folder: Folder::create("test").unwrap(),
            address: "nowhere".to_owned(),
        }
    }

    #[test]
    fn a_service_and_its_folder_go_with_their_owner() {
        let workspace = Workspace::find().unwrap();
        let service = start(&workspace, sleeper(&workspace), || true).unwrap();
        let Service {
            _process: process,
            _folder: folder,
            ..
        } = service;
        let process_path = PathBuf::from(format!("/proc/{}", process.child.id()));
        let folder_path = folder.0.clone();
        assert!(process_path.exists() && folder_path.exists());
        drop((process, folder));
        assert!(!process_path.exists() && !folder_path.exists());
    }

    #[test]
    fn folders_of_dead_runs_are_removed() {
        // Process numbers are smaller than this (`/proc/sys/kernel/pid_max`).
        let abandoned = env::temp_dir().join("berth-abandoned-4194305-0");
        fs::create_dir_all(&abandoned).unwrap();
        let folder = Folder::create("abandoned").unwrap();
        assert!(!abandoned.exists());
        remove_abandoned("abandoned");
        assert!(folder.0.exists());
    }

    #[test]
    fn a_service_that_ends_early_is_an_error() {
        let workspace = Workspace::find().unwrap();
        let mut plan = sleeper(&workspace);
        plan.command = dependent(&workspace, Path::new("false"), None);
        let Err(error) = start(&workspace, plan, || false) else {
            panic!("it started");
        };
        assert!(
            error.to_string().starts_with("test-sleeper exited"),
            "{error}"
        );
    }
}
