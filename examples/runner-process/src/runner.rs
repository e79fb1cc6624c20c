//! The operations of an [`InstancePlatform`], on processes.

use std::{fs, io, path::PathBuf, time::Duration};

use futures::{Stream, stream};
use models::{
    RunnerId,
    deployment::{FailureCode, Resources},
    runner::{RegistryCredential, RunnerInfo},
    value::{Argument, ImageDigest, ImageReference},
};
use runner_common::{
    Capabilities, Exec, ExecSession, InstanceKey, InstancePlatform, InstanceSpec, InstanceStats,
    LogStart, PlatformInstance, PlatformLine, PullProgress, ReadyImage, RunnerError,
    process::{ProcessFolder, host_info},
};
use tokio::{task::spawn_blocking, time::sleep};

use crate::programs;

/// Interval between checks for changes.
const POLL: Duration = Duration::from_millis(100);

/// A runner that runs processes on this host.
#[derive(Debug)]
pub struct ProcessRunner {
    programs: PathBuf,
    copies: PathBuf,
    instances: PathBuf,
    supervisor: PathBuf,
}

impl ProcessRunner {
    /// Creates a runner of the programs in `programs` that keeps its data in `folder`.
    /// `supervisor` is a program that [supervises](runner_common::process::supervise), as
    /// `berth-runner-process` itself does.
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

    fn folder(&self, key: &InstanceKey) -> ProcessFolder {
        ProcessFolder::for_instance(&self.instances, key)
    }
}

impl InstancePlatform for ProcessRunner {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn fingerprint(&self) -> Result<RunnerInfo, RunnerError> {
        Ok(host_info("process", env!("CARGO_PKG_VERSION")))
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.instances).map_err(RunnerError::host)? {
            let folder = ProcessFolder::at(entry.map_err(RunnerError::host)?.path());
            if let Some(key) = folder.key().filter(|key| key.runner_id == owner) {
                found.push(folder.inspect(key)?);
            }
        }
        Ok(found)
    }

    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send {
        stream::unfold(None, move |before| async move {
            loop {
                sleep(POLL).await;
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
        digest: Option<&ImageDigest>,
        _: Option<&RegistryCredential>,
        _: &PullProgress,
    ) -> Result<ReadyImage, RunnerError> {
        let wanted = digest.cloned().or_else(|| image.digest());
        if let Some(wanted) = &wanted
            && programs::copy_of(&self.copies, wanted).is_some()
        {
            return Ok(ReadyImage::without_facts(wanted.clone()));
        }
        let (programs, copies) = (self.programs.clone(), self.copies.clone());
        let asked = image.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "no simulation runs on this platform"
        )]
        let copying = spawn_blocking(move || programs::copy(&programs, &copies, &asked));
        let found = copying
            .await
            .map_err(|error| RunnerError::host(error.into()))??;
        match wanted {
            Some(wanted) if wanted != found => Err(programs::missing(image)),
            _ => Ok(ReadyImage::without_facts(found)),
        }
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        let spec = instance.spec.clone();
        if spec.resources != Resources::default() {
            let message = "This runner cannot enforce resource limits. Remove the limits.";
            return Err(RunnerError::user(FailureCode::LimitsNotSupported, message));
        }
        let name = programs::name(&spec.image).unwrap_or_default();
        let first = spec.entrypoint.first();
        if first.is_some_and(|first| first.as_str() != name) {
            let message =
                format!("The image's only program is {name}. Start the entry point with it.");
            return Err(RunnerError::user(FailureCode::CommandNotFound, message));
        }
        let program = programs::copy_of(&self.copies, &instance.image_digest);
        let program = program.ok_or_else(|| programs::missing(&spec.image))?;
        self.folder(&instance.key).make(program, spec)
    }

    async fn start(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        self.folder(instance).start(&self.supervisor).await
    }

    async fn stop(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        self.folder(instance).stop().await
    }

    async fn remove(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        self.folder(instance).remove().await
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        let measured = instances
            .iter()
            .filter_map(|key| self.folder(key).stats(key));
        Ok(measured.collect())
    }

    async fn exec(&self, instance: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        let mut words = exec.command.iter().map(Argument::as_str);
        let name = words.next().unwrap_or_default();
        let program = programs::find(&self.programs, name).ok_or_else(|| {
            let message = format!(
                "The program {name} does not exist in the programs folder. Check its name."
            );
            RunnerError::user(FailureCode::CommandNotFound, message)
        })?;
        self.folder(instance).exec(&program, words)
    }

    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        self.folder(instance).logs(from)
    }
}
