//! The folder of one instance, which holds all of its state.

use std::{
    fs::{self, DirBuilder, File, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use models::{
    deployment::{FailureCode, PublishedPort},
    runner::RunnerSpec,
    value::ContainerPath,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    id,
    plan::{Plan, ProcessState},
};
use crate::{AttemptKey, InstanceKey, PlatformInstance, PlatformState, RunnerError};

pub(super) const PLAN: &str = "plan.json";
pub(super) const STATE: &str = "state.json";
/// The name that supervisors of earlier versions give to [`STATE`].
const EARLIER_STATE: &str = "life.json";

/// An instance that is a process of this host.
#[derive(Clone, Debug)]
pub struct ProcessFolder(PathBuf);

impl ProcessFolder {
    /// The folder at a path, which need not exist.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The folder of an instance, in the folder of all instances.
    pub fn for_instance(instances: &Path, key: &InstanceKey) -> Self {
        let InstanceKey {
            runner_id,
            deployment_id,
            release_id,
            instance_id,
            attempt,
        } = key;
        let mut ids = format!("{runner_id}.{deployment_id}.{release_id}.{instance_id}");
        if let Some(AttemptKey { run_id, number }) = attempt {
            ids = format!("{ids}.{run_id}.{number}");
        }
        Self(instances.join(ids))
    }

    /// Returns the instance's key; `None` when the name is not one.
    pub fn key(&self) -> Option<InstanceKey> {
        let mut ids = self.0.file_name()?.to_str()?.split('.');
        Some(InstanceKey {
            runner_id: ids.next()?.parse().ok()?,
            deployment_id: ids.next()?.parse().ok()?,
            release_id: ids.next()?.parse().ok()?,
            instance_id: ids.next()?.parse().ok()?,
            attempt: match ids.next() {
                Some(run_id) => Some(AttemptKey {
                    run_id: run_id.parse().ok()?,
                    number: ids.next()?.parse().ok()?,
                }),
                None => None,
            },
        })
    }

    /// Creates the folder, with its configuration files, ready to run `program`.
    ///
    /// `program` is the file for the first word of the specification's command. A folder that
    /// is complete already is left as it is.
    ///
    /// # Errors
    /// When the specification asks for something that a process of this host cannot have, or
    /// the host refuses.
    pub fn make(&self, program: PathBuf, spec: RunnerSpec) -> Result<(), RunnerError> {
        can_have(&spec)?;
        let make = || {
            if self.0.join(PLAN).exists() {
                return Ok(());
            }
            // Environments and files may be secret.
            let mut private = DirBuilder::new();
            private.mode(0o700).recursive(true).create(&self.0)?;
            fs::create_dir_all(self.working_directory(&spec))?;
            for file in &spec.config_files {
                let path = self.mapped(file.path.as_str());
                fs::create_dir_all(path.parent().unwrap_or(&path))?;
                fs::write(&path, file.content.as_str())?;
                if let Some(mode) = &file.mode {
                    fs::set_permissions(path, Permissions::from_mode(mode.bits()))?;
                }
            }
            // The plan comes last: an instance without one is half made and does not start.
            self.write(PLAN, &Plan { program, spec })
        };
        make().map_err(RunnerError::host)
    }

    /// Observes the state of the instance.
    ///
    /// # Errors
    /// When the host refuses.
    pub fn inspect(&self, key: InstanceKey) -> Result<PlatformInstance, RunnerError> {
        let mut process_state = self.process_state().map_err(RunnerError::host)?;
        if process_state.as_ref().is_some_and(ProcessState::is_lost) {
            // Its supervisor may have recorded the exit and ended since the file was read.
            process_state = self.process_state().map_err(RunnerError::host)?;
        }
        let (state, started_at, ports) = match process_state {
            Some(process_state) => (
                process_state.state(),
                Some(process_state.started_at),
                process_state.ports,
            ),
            None => (PlatformState::Created, None, Vec::new()),
        };
        let ports = if state.is_up() { ports } else { Vec::new() };
        Ok(PlatformInstance {
            network: None,
            key,
            state,
            ports,
            started_at,
            volumes: Vec::new(),
            health: None,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<T> {
        Ok(serde_json::from_slice(&fs::read(self.0.join(name))?)?)
    }

    pub(super) fn read_if_there<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match self.read(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Writes a file atomically.
    pub(super) fn write<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let new = self.0.join("new");
        fs::write(&new, serde_json::to_vec(value)?)?;
        fs::rename(new, self.0.join(name))
    }

    /// Locks the instance, for starting or ending it.
    ///
    /// `None` while another process holds the lock, usually its supervisor.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let plan = File::open(self.0.join(PLAN))?;
        match plan.try_lock() {
            Ok(()) => Ok(Some(plan)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Returns the state of its last start; `None` when it was never started.
    pub(super) fn process_state(&self) -> io::Result<Option<ProcessState>> {
        match self.read_if_there(STATE)? {
            None => self.read_if_there(EARLIER_STATE),
            state => Ok(state),
        }
    }

    /// Builds the command that runs a program in this instance.
    pub(super) fn command(
        &self,
        program: &Path,
        spec: &RunnerSpec,
        ports: &[PublishedPort],
    ) -> Command {
        let mut command = id::program(program);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        for variable in &spec.environment {
            command.env(variable.name.as_str(), variable.value.as_str());
        }
        // In reverse, so that the first port that speaks HTTP sets `PORT` last.
        for PublishedPort { port, address } in ports.iter().rev() {
            let number = address.port().to_string();
            command.env(format!("PORT_{}", port.number), &number);
            if port.is_http() {
                command.env("PORT", number);
            }
        }
        command.env("BERTH_ROOT", self.mapped("/"));
        command.current_dir(self.working_directory(spec));
        command
    }

    fn working_directory(&self, spec: &RunnerSpec) -> PathBuf {
        let path = spec.working_directory.as_ref();
        self.mapped(path.map_or("/", ContainerPath::as_str))
    }

    /// Maps an absolute path of the specification, without `..`, into `root/`.
    fn mapped(&self, path: &str) -> PathBuf {
        self.0.join("root").join(path.trim_start_matches('/'))
    }
}

/// Checks that the specification suits a plain process.
///
/// It runs as the runner's own user, and only named signals can stop it.
fn can_have(spec: &RunnerSpec) -> Result<(), RunnerError> {
    let owner = spec.config_files.iter().any(|file| file.owner.is_some());
    if spec.user.is_some() || owner {
        let message =
            "This runner cannot run programs or own files as another user. Remove the user.";
        return Err(RunnerError::user(FailureCode::UserUnsupported, message));
    }
    if spec
        .stop
        .signal
        .is_some_and(|signal| id::signal(signal).is_none())
    {
        let message = "This runner cannot send real-time signals. Choose another stop signal.";
        return Err(RunnerError::user(
            FailureCode::StopSignalUnsupported,
            message,
        ));
    }
    Ok(())
}
