//! The operations of a runner, on processes.
//!
//! Folders are small and local, so that reading and writing them does not wait; only programs are
//! copied on a thread of their own.

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
    process::Stdio,
    thread,
    time::Duration,
};

use futures::{Stream, TryStreamExt, stream};
use models::{
    RunnerId,
    deployment::Resources,
    runner::{RegistryCredential, RunnerInfo},
    value::{Argument, ImageReference},
};
use runner_common::{
    Exec, ExecSession, InstanceKey, InstanceSpec, InstanceStats, LogStart, PlatformInstance,
    PlatformLine, PullProgress, Runner, RunnerError,
};
use rustix::{
    process::Signal,
    system::{sysinfo, uname},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    task::spawn_blocking,
    time::{Instant, sleep},
};

use crate::{
    exec,
    folder::{Folder, PLAN, Plan},
    lines::{self, now},
    process::{self, signal},
    programs,
    supervisor::{NOT_RUNNABLE, STARTED},
};

/// How often it is looked whether something has changed.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is looked whether an app that was asked to end has.
const LOOK_FOR_END: Duration = Duration::from_millis(10);

/// A runner on this machine's processes.
#[derive(Debug)]
pub struct ProcessRunner {
    programs: PathBuf,
    copies: PathBuf,
    instances: PathBuf,
    supervisor: PathBuf,
}

impl ProcessRunner {
    /// A runner of the programs in one folder that keeps everything it knows in another one.
    /// `supervisor` is a program that calls [`supervise`](crate::supervise) with its second
    /// argument; `berth-runner-process` itself is one.
    ///
    /// # Errors
    /// When a folder is missing and cannot be made.
    pub fn new(programs: PathBuf, folder: PathBuf, supervisor: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        // Apps start in other folders, where a relative path would lead elsewhere.
        let (programs, folder) = (fs::canonicalize(programs)?, fs::canonicalize(folder)?);
        let (copies, instances) = (folder.join("programs"), folder.join("instances"));
        fs::create_dir_all(&copies)?;
        fs::create_dir_all(&instances)?;
        Ok(Self {
            programs,
            copies,
            instances,
            supervisor,
        })
    }

    fn folder(&self, key: &InstanceKey) -> Folder {
        Folder::of(&self.instances, key)
    }
}

impl Runner for ProcessRunner {
    async fn about(&self) -> Result<RunnerInfo, RunnerError> {
        let (machine, memory) = (uname(), sysinfo());
        let cpus = thread::available_parallelism().map_or(1, Into::into);
        Ok(RunnerInfo {
            kind: "process".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            platform_version: machine.release().to_string_lossy().into_owned(),
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
            host_name: machine.nodename().to_string_lossy().into_owned(),
            cpus: u32::try_from(cpus).unwrap_or(u32::MAX),
            memory_bytes: memory.totalram * u64::from(memory.mem_unit),
            volumes: false,
            policy: None,
        })
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.instances).map_err(failed)? {
            let folder = Folder(entry.map_err(failed)?.path());
            if let Some(key) = folder.key().filter(|key| key.runner_id == owner) {
                found.push(folder.observe(key).map_err(failed)?);
            }
        }
        Ok(found)
    }

    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send {
        stream::unfold(None, move |before| async move {
            loop {
                sleep(LOOK).await;
                let now = self.instances(owner).await.ok();
                if now != before {
                    return Some(((), now));
                }
            }
        })
    }

    async fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&str>,
        _: Option<&RegistryCredential>,
        _: &PullProgress,
    ) -> Result<String, RunnerError> {
        let wanted = digest.or(image.digest());
        if let Some(wanted) = wanted
            && programs::copy_of(&self.copies, wanted).is_some()
        {
            return Ok(wanted.to_owned());
        }
        let (programs, copies) = (self.programs.clone(), self.copies.clone());
        let asked = image.clone();
        let copying = spawn_blocking(move || programs::copy(&programs, &copies, &asked));
        let found = copying.await.map_err(|error| failed(error.into()))??;
        match wanted {
            Some(wanted) if wanted != found => Err(programs::missing(image)),
            _ => Ok(found),
        }
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        let spec = instance.spec.clone();
        if spec.resources != Resources::default() {
            let message = "This runner cannot limit what apps use. Take the limits away.";
            return Err(RunnerError::user("limits_not_supported", message));
        }
        if !spec.volumes.is_empty() {
            return Err(RunnerError::no_volumes());
        }
        let name = programs::name(&spec.image).unwrap_or_default();
        let first = spec.command.first();
        if first.is_some_and(|first| first.as_str() != name) {
            let message = format!("The image has one program only: begin the command with {name}.");
            return Err(RunnerError::user("command_not_found", message));
        }
        let program = programs::copy_of(&self.copies, &instance.image_digest);
        let program = program.ok_or_else(|| programs::missing(&spec.image))?;
        let made = self.folder(&instance.key).make(&Plan { program, spec });
        made.map_err(failed)
    }

    async fn start(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let mut command = process::program(&self.supervisor);
        command.arg("supervise").arg(self.folder(instance).0);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::piped());
        let mut supervisor = Command::from(command).spawn().map_err(failed)?;
        let mut said = String::new();
        if let Some(stdout) = supervisor.stdout.take() {
            let reading = BufReader::new(stdout).read_line(&mut said).await;
            reading.map_err(failed)?;
        }
        let said = said.trim_end();
        match said.strip_prefix(NOT_RUNNABLE) {
            _ if said == STARTED => Ok(()),
            Some(why) => {
                let message = format!("The program cannot be run: {why}.");
                Err(RunnerError::user("command_not_runnable", message))
            }
            None => {
                let message = format!("The program could not be started: {said}.");
                Err(RunnerError::platform("not_started", message))
            }
        }
    }

    async fn stop(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let folder = self.folder(instance);
        let stopping = async {
            let Some(Plan { spec, .. }) = folder.read_if_there(PLAN)? else {
                return Ok(());
            };
            let grace = Duration::from_millis(spec.stop.grace_ms.into());
            end(&folder, signal(spec.stop.signal), grace).await?;
            Ok(())
        };
        stopping.await.map_err(failed)
    }

    async fn remove(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let folder = self.folder(instance);
        let removing = async {
            // Nobody starts it while this is held.
            let _lock = end(&folder, Signal::KILL, Duration::ZERO).await?;
            match fs::remove_dir_all(&folder.0) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            }
        };
        removing.await.map_err(failed)
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        let measured = instances.iter().filter_map(|key| {
            let life = self.folder(key).life().ok().flatten()?;
            let usage = life.app.usage()?;
            Some(InstanceStats {
                key: *key,
                at: now(),
                cpu_nanos: usage.cpu_nanos,
                memory_bytes: usage.memory_bytes,
                // All processes share the machine's network, which is counted as a whole.
                network_received_bytes: 0,
                network_sent_bytes: 0,
                disk_read_bytes: usage.disk_read_bytes,
                disk_written_bytes: usage.disk_written_bytes,
            })
        });
        Ok(measured.collect())
    }

    async fn exec(&self, instance: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        if exec.terminal.is_some() {
            let message = "This runner gives no terminals. Run a command instead.";
            return Err(RunnerError::user("terminal_unsupported", message));
        }
        let folder = self.folder(instance);
        let life = folder.life().map_err(failed)?;
        let life = life.filter(|life| life.state().is_up());
        let life = life.ok_or_else(|| RunnerError::user("not_running", "The app does not run."))?;
        let Plan { spec, .. } = folder.read(PLAN).map_err(failed)?;
        let mut words = exec.command.iter().map(Argument::as_str);
        let name = words.next().unwrap_or_default();
        let program = programs::find(&self.programs, name).ok_or_else(|| {
            let message = format!("There is no program {name} in the folder of programs.");
            RunnerError::user("command_not_found", message)
        })?;
        let mut command = folder.command(&program, &spec, &life.ports);
        command.args(words);
        exec::start(command).map_err(failed)
    }

    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        lines::lines(self.folder(instance), from).map_err(failed)
    }
}

/// Ends an app, if it runs. When this returns, its supervisor is gone as well, and none follows
/// while the lock is held.
async fn end(folder: &Folder, by: Signal, grace: Duration) -> io::Result<Option<File>> {
    let until = Instant::now() + grace;
    let mut by = Some(by);
    loop {
        let lock = match folder.lock() {
            // It is half-made or gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            lock => lock?,
        };
        let app = folder.life()?.map(|life| life.app);
        match app.filter(|app| app.is_alive()) {
            None if lock.is_some() => return Ok(lock),
            None => {}
            Some(app) if Instant::now() >= until => app.signal(Signal::KILL)?,
            Some(app) => by.take().map_or(Ok(()), |by| app.signal(by))?,
        }
        sleep(LOOK_FOR_END).await;
    }
}

/// Something is wrong with the machine or with our folder.
pub(crate) fn failed(error: io::Error) -> RunnerError {
    let message = "The machine refused something that should work.";
    RunnerError::platform("machine_failed", message).because(error)
}
