//! The runner of the platform in memory.

use std::sync::OnceLock;

use futures::{Stream, stream};
use models::{
    RunnerId, VolumeId,
    deployment::FailureCode,
    runner::{RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};

use super::{
    FakePlatform, listing, log,
    platform::State,
    shell,
    stats::{self, USAGE},
};
use crate::{
    owner::Owner,
    platform::{
        Capabilities, Exec, ExecSession, InstanceKey, InstancePlatform, InstanceSpec,
        InstanceStats, LogStart, NeededImages, PlatformInstance, PlatformLine, PullProgress,
        ReadyImage, RetiredVolume, RunnerError,
    },
};

/// A runner on a [`FakePlatform`].
#[derive(Debug)]
pub struct FakeRunner {
    pub(super) platform: FakePlatform,
    /// Absent in a test's observer, which sees everything with the right id.
    owner: OnceLock<Owner>,
}

impl FakeRunner {
    /// Creates a runner on this platform.
    pub const fn new(platform: FakePlatform) -> Self {
        Self {
            platform,
            owner: OnceLock::new(),
        }
    }

    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.get()
    }

    pub(super) fn query<T>(
        &self,
        answer: impl FnOnce(&mut State) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        let mut state = self.platform.state();
        if state.faults.silent {
            return Err(RunnerError::platform(
                FailureCode::PlatformSilent,
                "Nobody answers.",
            ));
        }
        answer(&mut state)
    }

    pub(super) fn notify<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, RunnerError>,
    ) -> Result<T, RunnerError> {
        self.query(|_| Ok(()))?;
        self.platform.change(change)
    }
}

impl InstancePlatform for FakeRunner {
    fn set_owner(&self, owner: Owner) {
        self.owner.set(owner).ok();
    }

    fn capabilities(&self) -> Capabilities {
        let state = self.platform.state();
        Capabilities {
            volumes: !state.faults.keeps_no_volumes,
            tags: !state.faults.knows_no_registry,
            runs: true,
            private_networks: !state.faults.has_no_networks,
            terminals: true,
        }
    }

    async fn fingerprint(&self) -> Result<RunnerInfo, RunnerError> {
        self.query(|state| {
            Ok(RunnerInfo {
                kind: "fake".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                platform_version: (1 + state.upgrades).to_string(),
                platform_api: None,
                tested_platforms: Vec::new(),
                os: std::env::consts::OS.to_owned(),
                arch: std::env::consts::ARCH.to_owned(),
                host_name: "memory".to_owned(),
                cpus: 1,
                memory_bytes: 1 << 30,
                disk_bytes: Some(1 << 34),
                volumes: false,
                tags: false,
                runs: false,
                private_networks: false,
                app_firewall: None,
                publish_address: None,
                policy: None,
            })
        })
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        self.query(|state| {
            if let Some(fault) = state.faults.lists.pop_front() {
                return Err(fault);
            }
            Ok(listing::of_runner(state, self.owner(), owner))
        })
    }

    fn changes(&self, _: RunnerId) -> impl Stream<Item = ()> + Send {
        let platform = self.platform.clone();
        let upgrades = platform.state().upgrades;
        stream::unfold(platform.changes(), move |mut changes| {
            let platform = platform.clone();
            async move {
                loop {
                    changes.changed().await.ok()?;
                    if platform.state().upgrades != upgrades {
                        return None;
                    }
                    if !platform.state().faults.keeps_quiet {
                        return Some(((), changes));
                    }
                }
            }
        })
    }

    async fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> Result<ReadyImage, RunnerError> {
        self.pull_image(image, digest, credential, progress).await
    }

    async fn prune(&self, needed: &NeededImages) -> Result<usize, RunnerError> {
        self.notify(|state| {
            state.needed.push(needed.clone());
            Ok(0)
        })
    }

    async fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        self.look_up(image, credential).await
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        self.create_instance(instance).await
    }

    async fn start(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.start_instance(key).await
    }

    async fn stop(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.stop_instance(key)
    }

    async fn remove(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.notify(|state| {
            if let Some(fault) = state.faults.removes.pop_front() {
                return Err(fault);
            }
            state.instances.remove(&key.instance_id);
            Ok(())
        })
    }

    async fn has_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<bool, RunnerError> {
        self.query(|state| state.has_volume(self.owner(), owner, volume))
    }

    async fn remove_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<(), RunnerError> {
        self.notify(|state| state.remove_volume(self.owner(), owner, volume))
    }

    async fn retire_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> Result<(), RunnerError> {
        self.notify(|state| state.retire_volume(self.owner(), owner, volume, until))
    }

    async fn retired(&self, owner: RunnerId) -> Result<Vec<RetiredVolume>, RunnerError> {
        self.query(|state| Ok(state.retired(self.owner(), owner)))
    }

    async fn exec(&self, key: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        self.query(|_| Ok(()))?;
        let (session, program) = shell::start(&self.platform, &exec)?;
        self.query(|state| {
            let instance = state.get_mut(key)?;
            if !instance.state.is_up() {
                return Err(RunnerError::user(
                    FailureCode::InstanceNotRunning,
                    "It does not run.",
                ));
            }
            instance.programs.push(program);
            Ok(session)
        })
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        self.query(|state| {
            let cpu_millis = state.cpu_millis.unwrap_or(USAGE.cpu_millis);
            let found = instances.iter().filter_map(|key| {
                let instance = state.instances.get_mut(&key.instance_id)?;
                let is_measured = instance.state.is_up() && instance.spec.key == *key;
                is_measured.then(|| stats::measure(instance, cpu_millis))?
            });
            Ok(found.collect())
        })
    }

    fn logs(
        &self,
        key: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        log::follow(&self.platform, key.instance_id, from)
    }
}
