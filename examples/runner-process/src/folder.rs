//! The folder of one instance, which is all that is remembered of it.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::Command,
};

use models::{
    deployment::{PublishedPort, Spec},
    time::Timestamp,
    value::ContainerPath,
};
use runner_common::{InstanceKey, PlatformInstance, PlatformState};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::process::{self, Process};

pub(crate) const PLAN: &str = "plan.json";
pub(crate) const LIFE: &str = "life.json";
/// The exit code of an app whose supervisor was ended before it could write down the right one.
const UNKNOWN: i64 = 255;

#[derive(Clone, Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

/// What an instance runs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) program: PathBuf,
    pub(crate) spec: Spec,
}

/// The time from an instance's last start to its end.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Life {
    pub(crate) supervisor: Process,
    pub(crate) app: Process,
    pub(crate) started_at: Timestamp,
    pub(crate) ports: Vec<PublishedPort>,
    pub(crate) code: Option<i64>,
}

impl Folder {
    pub(crate) fn of(instances: &Path, key: &InstanceKey) -> Self {
        let InstanceKey {
            runner_id,
            deployment_id,
            release_id,
            instance_id,
        } = key;
        let ids = format!("{runner_id}.{deployment_id}.{release_id}.{instance_id}");
        Self(instances.join(ids))
    }

    pub(crate) fn key(&self) -> Option<InstanceKey> {
        let mut ids = self.0.file_name()?.to_str()?.split('.');
        Some(InstanceKey {
            runner_id: ids.next()?.parse().ok()?,
            deployment_id: ids.next()?.parse().ok()?,
            release_id: ids.next()?.parse().ok()?,
            instance_id: ids.next()?.parse().ok()?,
        })
    }

    /// Makes it. The plan comes last: what has none is half-made, and does not start.
    pub(crate) fn make(&self, plan: &Plan) -> io::Result<()> {
        if self.0.join(PLAN).exists() {
            return Ok(());
        }
        // Environments and files may be secret.
        let mut private = DirBuilder::new();
        private.mode(0o700).recursive(true).create(&self.0)?;
        fs::create_dir_all(self.working_directory(&plan.spec))?;
        for file in &plan.spec.config_files {
            let path = self.mapped(file.path.as_str());
            fs::create_dir_all(path.parent().unwrap_or(&path))?;
            fs::write(path, file.content.as_str())?;
        }
        self.write(PLAN, plan)
    }

    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<T> {
        Ok(serde_json::from_slice(&fs::read(self.0.join(name))?)?)
    }

    pub(crate) fn read_if_there<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match self.read(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Writes a file as a whole or not at all.
    pub(crate) fn write<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        let new = self.0.join("new");
        fs::write(&new, serde_json::to_vec(value)?)?;
        fs::rename(new, self.0.join(name))
    }

    /// The right to start or end it; none while somebody else has it, above all its supervisor.
    pub(crate) fn lock(&self) -> io::Result<Option<File>> {
        let plan = File::open(self.0.join(PLAN))?;
        match plan.try_lock() {
            Ok(()) => Ok(Some(plan)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Its life; none when it was never started.
    pub(crate) fn life(&self) -> io::Result<Option<Life>> {
        self.read_if_there(LIFE)
    }

    pub(crate) fn observe(&self, key: InstanceKey) -> io::Result<PlatformInstance> {
        let (state, started_at, ports) = match self.life()? {
            Some(life) => (life.state(), Some(life.started_at), life.ports),
            None => (PlatformState::Created, None, Vec::new()),
        };
        let ports = if state.is_up() { ports } else { Vec::new() };
        Ok(PlatformInstance {
            key,
            state,
            ports,
            started_at,
            volumes: Vec::new(),
        })
    }

    /// A program as it runs in this instance.
    pub(crate) fn command(&self, program: &Path, spec: &Spec, ports: &[PublishedPort]) -> Command {
        let mut command = process::program(program);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        for variable in &spec.environment {
            command.env(variable.name.as_str(), variable.value.as_str());
        }
        // The first one that speaks HTTP is the last to be `PORT`.
        for PublishedPort { port, address } in ports.iter().rev() {
            let number = address.rsplit(':').next().unwrap_or_default();
            command.env(format!("PORT_{}", port.number), number);
            if port.is_http() {
                command.env("PORT", number);
            }
        }
        command.env("BERTH_ROOT", self.mapped("/"));
        command.current_dir(self.working_directory(spec));
        command
    }

    fn working_directory(&self, spec: &Spec) -> PathBuf {
        let path = spec.working_directory.as_ref();
        self.mapped(path.map_or("/", ContainerPath::as_str))
    }

    /// Where a path of the specification is; it is absolute and has no `..`.
    fn mapped(&self, path: &str) -> PathBuf {
        self.0.join("root").join(path.trim_start_matches('/'))
    }
}

impl Life {
    pub(crate) fn state(&self) -> PlatformState {
        match self.code {
            None if self.supervisor.is_alive() || self.app.is_alive() => PlatformState::Running,
            // Until its supervisor is gone nobody else can start it.
            Some(_) if self.supervisor.is_alive() => PlatformState::Stopping,
            code => PlatformState::Exited {
                code: code.unwrap_or(UNKNOWN),
            },
        }
    }
}
