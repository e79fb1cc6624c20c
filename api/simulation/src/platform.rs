//! The platform as the runner's loop sees it, with delays and faults.
//!
//! Every call takes time, before and after its effect, so a runner may crash in the middle of
//! each. Some calls fail, and some take effect although they report a failure.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::Stream;
use models::{
    RunnerId, VolumeId,
    deployment::FailureCode,
    runner::{RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use runner_common::{
    Capabilities, Exec, ExecSession, InstanceKey, InstancePlatform, InstanceSpec, InstanceStats,
    LogStart, Owner, PlatformInstance, PlatformLine, PullProgress, ReadyImage, RetiredVolume,
    RunnerError,
    conformance::fake::{FakePlatform, FakeRunner},
};

use crate::{invariants::Invariants, world::World};

/// A runner on a slow platform in memory.
pub(crate) struct FaultyRunner {
    world: Arc<World>,
    invariants: Arc<Invariants>,
    inner: FakeRunner,
    platform: FakePlatform,
    silence: Arc<AtomicBool>,
}

impl FaultyRunner {
    pub(crate) fn new(
        world: &Arc<World>,
        invariants: &Arc<Invariants>,
        platform: &FakePlatform,
        silence: &Arc<AtomicBool>,
    ) -> Self {
        Self {
            world: Arc::clone(world),
            invariants: Arc::clone(invariants),
            inner: FakeRunner::new(platform.clone()),
            platform: platform.clone(),
            silence: Arc::clone(silence),
        }
    }

    /// Runs before an effect: the call may fail without one.
    async fn before(&self) -> Result<(), RunnerError> {
        let profile = &self.world.profile;
        self.world.wait(Duration::ZERO, profile.call).await;
        if self.silence.load(Ordering::SeqCst) {
            return Err(RunnerError::platform(
                FailureCode::PlatformSilent,
                "Nobody answers.",
            ));
        }
        if self.world.chance(profile.refused) {
            self.world.count("call refused");
            return Err(RunnerError::platform(
                "engine_busy".into(),
                "The engine is busy.",
            ));
        }
        Ok(())
    }

    /// Runs after an effect: the answer may be lost.
    async fn after<T>(&self, answer: Result<T, RunnerError>) -> Result<T, RunnerError> {
        let profile = &self.world.profile;
        self.world.wait(Duration::ZERO, profile.call).await;
        if self.world.chance(profile.reply_lost) {
            self.world.count("answer lost");
            return Err(RunnerError::platform(
                "engine_lost".into(),
                "The answer was lost.",
            ));
        }
        answer
    }
}

impl InstancePlatform for FaultyRunner {
    fn set_owner(&self, owner: Owner) {
        self.inner.set_owner(owner);
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn fingerprint(&self) -> Result<RunnerInfo, RunnerError> {
        self.before().await?;
        self.inner.fingerprint().await
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        self.before().await?;
        let listed = self.inner.instances(owner).await;
        if let Ok(listed) = &listed {
            self.invariants.listed(listed);
        }
        self.after(listed).await
    }

    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send {
        self.inner.changes(owner)
    }

    async fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> Result<ReadyImage, RunnerError> {
        self.before().await?;
        self.world
            .wait(Duration::ZERO, self.world.profile.pull)
            .await;
        let pulled = self.inner.pull(image, digest, credential, progress).await;
        self.after(pulled).await
    }

    async fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        self.before().await?;
        let found = self.inner.resolve_tag(image, credential).await;
        self.after(found).await
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        self.before().await?;
        let created = self.inner.create(instance).await;
        if created.is_ok() {
            self.world.count("instance created");
            self.invariants.created(instance);
        }
        self.after(created).await
    }

    async fn start(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.before().await?;
        let started = self.inner.start(key).await;
        if started.is_ok() {
            self.world.count("instance started");
            self.invariants.started(&self.platform, key).await;
        }
        self.after(started).await
    }

    async fn stop(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.before().await?;
        self.invariants.stopping(&self.platform, key).await;
        let stopped = self.inner.stop(key).await;
        self.after(stopped).await
    }

    async fn remove(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.before().await?;
        let removed = self.inner.remove(key).await;
        self.world
            .note(&format!("removed instance {}", key.instance_id));
        self.after(removed).await
    }

    async fn has_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<bool, RunnerError> {
        self.before().await?;
        let found = self.inner.has_volume(owner, volume).await;
        self.after(found).await
    }

    async fn remove_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<(), RunnerError> {
        self.before().await?;
        let removed = self.inner.remove_volume(owner, volume).await;
        self.after(removed).await
    }

    async fn retire_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> Result<(), RunnerError> {
        self.before().await?;
        let retired = self.inner.retire_volume(owner, volume, until).await;
        self.after(retired).await
    }

    async fn retired(&self, owner: RunnerId) -> Result<Vec<RetiredVolume>, RunnerError> {
        self.before().await?;
        let listed = self.inner.retired(owner).await;
        self.after(listed).await
    }

    async fn exec(&self, key: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        self.before().await?;
        self.inner.exec(key, exec).await
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        self.before().await?;
        let measured = self.inner.stats(instances).await;
        self.after(measured).await
    }

    fn logs(
        &self,
        key: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        self.inner.logs(key, from)
    }
}
