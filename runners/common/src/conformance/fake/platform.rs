//! The platform in memory, and its objects.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use models::{
    DeploymentId, InstanceId, VolumeId,
    deployment::{FailureCode, LogStream, PublishedPort},
    runner::RegistryCredential,
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::{Faults, volume::FakeVolume};
use crate::{
    conformance::{Harness, Subject},
    platform::{
        InstanceKey, InstanceSpec, NeededImages, PlatformLine, PlatformState, Provenance,
        RunnerError,
    },
    sync::lock,
};

/// The only image.
pub const IMAGE: &str = "berth/conformance:fake";
/// Start of the platform's clock: 1 January 2026.
///
/// The clock moves by lines and starts.
const EPOCH_MICROS: i64 = 1_767_225_600_000_000;
/// Number of lines in one microsecond: real clocks are as coarse, or lines as fast.
const LINES_PER_MICROSECOND: i64 = 3;

/// A platform in memory. Clones are the same platform.
#[derive(Clone, Debug)]
pub struct FakePlatform {
    state: Arc<Mutex<State>>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) faults: Faults,
    pub(super) instances: BTreeMap<InstanceId, FakeInstance>,
    pub(super) created: usize,
    /// Credentials of all pulls.
    pub(super) pulls: Vec<Option<RegistryCredential>>,
    /// Digest of the tag in the registry; the first image's when absent.
    pub(super) tag: Option<ImageDigest>,
    /// Images to keep, for each prune.
    pub(super) needed: Vec<NeededImages>,
    /// The host's copy under the tag.
    pub(super) copy: Option<FakeCopy>,
    /// True if the runner itself pulled that copy.
    pub(super) copy_is_own: bool,
    /// Credentials of all requests to the registry.
    pub(super) lookups: Vec<Option<RegistryCredential>>,
    /// Number of bytes that programs inside instances printed.
    pub(super) printed: usize,
    /// Held by every program that runs inside an instance, to count them.
    pub(super) programs: Arc<()>,
    /// All volumes.
    pub(super) volumes: BTreeMap<VolumeId, FakeVolume>,
    /// Processor usage of each instance in thousandths; the default when absent.
    pub(super) cpu_millis: Option<u64>,
    /// Retired volumes, with the end of their retention.
    pub(super) retired: BTreeMap<VolumeId, (FakeVolume, Timestamp)>,
    /// Volumes whose disk is away.
    pub(super) away: BTreeMap<VolumeId, FakeVolume>,
    /// Number of upgrades of the platform.
    pub(super) upgrades: u32,
    ticks: i64,
}

#[derive(Debug)]
pub(super) struct FakeInstance {
    pub(super) spec: InstanceSpec,
    /// Ownership mark of its creator.
    pub(super) mark: Option<String>,
    pub(super) state: PlatformState,
    pub(super) ports: Vec<PublishedPort>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) lines: Vec<PlatformLine>,
    /// Number of measurements since its start.
    pub(super) measured: u64,
    /// Processor time at the last measurement.
    pub(super) cpu_nanos: u64,
    pub(super) process: Option<AbortOnDropHandle<()>>,
    /// Programs started inside it since its start.
    pub(super) programs: Vec<AbortOnDropHandle<()>>,
}

/// An image on the host under the tag, independent of the registry.
#[derive(Clone, Debug)]
pub struct FakeCopy {
    /// Its digest.
    pub digest: ImageDigest,
    /// Build time.
    pub created_at: Timestamp,
    /// True if someone pulled it from the registry.
    pub is_from_registry: bool,
}

impl Default for FakePlatform {
    fn default() -> Self {
        Self {
            state: Arc::default(),
            changes: watch::Sender::new(0),
        }
    }
}

impl FakePlatform {
    /// Changes the active faults.
    pub fn break_it(&self, change: impl FnOnce(&mut Faults)) {
        self.change(|state| change(&mut state.faults));
    }

    /// Returns the number of instances that were ever created.
    pub fn created(&self) -> usize {
        self.state().created
    }

    /// Returns the credentials of all pulls, in order.
    pub fn pulls(&self) -> Vec<Option<RegistryCredential>> {
        self.state().pulls.clone()
    }

    /// Returns the number of present instances.
    pub fn present(&self) -> usize {
        self.state().instances.len()
    }

    /// True if this instance exists.
    pub fn has(&self, instance: InstanceId) -> bool {
        self.state().instances.contains_key(&instance)
    }

    /// Returns the digest of the only image.
    pub fn digest(&self) -> ImageDigest {
        ImageDigest::sha256([0xb7; 32])
    }

    /// Sets the processor usage of each instance, in thousandths.
    pub fn use_cpu(&self, millis: u64) {
        self.state().cpu_millis = Some(millis);
    }

    /// Moves the tag of the only image.
    pub fn push(&self, digest: &ImageDigest) {
        self.change(|state| state.tag = Some(digest.clone()));
    }

    /// Returns the images to keep, for each prune.
    pub fn needed(&self) -> Vec<NeededImages> {
        self.state().needed.clone()
    }

    /// Puts an image onto the host under the tag.
    pub fn put_copy(&self, copy: FakeCopy) {
        self.state().copy = Some(copy);
    }

    /// Puts an image onto the host as if this runner had pulled it.
    pub fn put_own_copy(&self, copy: FakeCopy) {
        let mut state = self.state();
        state.copy = Some(copy);
        state.copy_is_own = true;
    }

    /// Returns the credentials of all requests that resolved the tag.
    pub fn lookups(&self) -> Vec<Option<RegistryCredential>> {
        self.state().lookups.clone()
    }

    /// Returns the number of running programs inside instances.
    pub fn programs(&self) -> usize {
        Arc::strong_count(&self.state().programs) - 1
    }

    /// Returns the number of bytes that such programs printed in all.
    pub fn printed(&self) -> usize {
        self.state().printed
    }

    /// True if this volume exists.
    pub fn has_volume(&self, volume: VolumeId) -> bool {
        self.state().volumes.contains_key(&volume)
    }

    /// Replaces the platform with a newer version, under running instances.
    pub fn upgrade(&self) {
        self.change(|state| state.upgrades += 1);
    }

    /// Kills an instance for lack of memory, as the kernel would.
    pub fn kill_for_memory(&self, instance: InstanceId) {
        self.change(|state| {
            if let Some(instance) = state.instances.get_mut(&instance) {
                instance.process = None;
                instance.programs.clear();
                instance.ports.clear();
                instance.state = PlatformState::Exited {
                    code: 137,
                    oom_killed: true,
                };
            }
        });
    }

    /// Removes an instance behind the runner's back.
    pub fn vanish(&self, instance: InstanceId) {
        self.change(|state| state.instances.remove(&instance));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.changes.send_modify(|changes| *changes += 1);
        result
    }

    /// Records that the instance's process exited.
    pub(super) fn end(&self, instance: InstanceId, code: i64) {
        self.change(|state| {
            if let Some(instance) = state.instances.get_mut(&instance) {
                instance.state = PlatformState::exited(code);
                instance.ports.clear();
                instance.programs.clear();
            }
        });
    }

    /// Records a line of the instance's process.
    pub(super) fn print(&self, instance: InstanceId, stream: LogStream, text: &str) {
        self.change(|state| {
            let at = state.tick();
            if let Some(instance) = state.instances.get_mut(&instance) {
                instance.lines.push(PlatformLine {
                    at,
                    stream,
                    bytes: text.as_bytes().to_vec(),
                    is_cut: false,
                });
            }
        });
    }
}

impl State {
    pub(super) const fn provenance(&self, copy: &FakeCopy) -> Provenance {
        match (self.copy_is_own, copy.is_from_registry) {
            (true, _) => Provenance::ThisRunner,
            (false, true) => Provenance::Registry,
            (false, false) => Provenance::Host,
        }
    }

    /// Returns the platform's own time.
    pub(super) fn tick(&mut self) -> Timestamp {
        self.ticks += 1;
        Timestamp::from_micros(EPOCH_MICROS + self.ticks / LINES_PER_MICROSECOND)
    }

    /// Returns the platform's own time, later than everything before.
    pub(super) fn later(&mut self) -> Timestamp {
        self.ticks += LINES_PER_MICROSECOND;
        self.tick()
    }

    pub(super) fn get_mut(&mut self, key: &InstanceKey) -> Result<&mut FakeInstance, RunnerError> {
        self.instances.get_mut(&key.instance_id).ok_or_else(|| {
            RunnerError::platform(FailureCode::InstanceMissing, "There is no such instance.")
        })
    }
}

impl Subject for FakePlatform {
    type Runner = super::FakeRunner;

    async fn runner(&self) -> super::FakeRunner {
        super::FakeRunner::new(self.clone())
    }

    fn image(&self) -> ImageReference {
        ImageReference::trusted(IMAGE)
    }

    fn missing_image(&self) -> ImageReference {
        ImageReference::trusted("berth/missing:fake")
    }

    async fn kill(&self, instance: &InstanceKey) {
        self.change(|state| {
            if let Some(instance) = state.instances.get_mut(&instance.instance_id) {
                instance.process = None;
            }
        });
        self.end(instance.instance_id, 137);
    }

    async fn is_clean(&self, harness: &Harness<'_, Self>, deployment: DeploymentId) {
        harness
            .observed_on_platform("that nothing is left", deployment, <[_]>::is_empty)
            .await;
    }

    async fn lose(&self, volume: VolumeId) {
        self.change(|state| {
            if let Some(lost) = state.volumes.remove(&volume) {
                state.away.insert(volume, lost);
            }
        });
    }
}
