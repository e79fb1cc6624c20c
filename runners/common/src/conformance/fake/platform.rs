//! The platform, and what is on it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use models::{
    InstanceId, VolumeId,
    deployment::{LogStream, PublishedPort},
    runner::RegistryCredential,
    time::Timestamp,
    value::ImageReference,
};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::{Faults, volume::FakeVolume};
use crate::{
    conformance::Subject,
    runner::{
        InstanceKey, InstanceSpec, NeededImages, PlatformLine, PlatformState, Provenance,
        RunnerError,
    },
    sync::lock,
};

/// The only image that there is.
pub const IMAGE: &str = "berth/conformance:fake";
/// 1 January 2026; the clock of the platform starts here and moves by lines and starts.
const EPOCH_MICROS: i64 = 1_767_225_600_000_000;
/// So many lines share a microsecond: real clocks are as coarse, or lines as fast.
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
    /// The credential of each pull.
    pub(super) shown: Vec<Option<RegistryCredential>>,
    /// What the tag means in the registry; the first image when absent.
    pub(super) tag: Option<String>,
    /// The images that had to stay, for each time that others were to be removed.
    pub(super) needed: Vec<NeededImages>,
    /// The machine's copy under the tag.
    pub(super) copy: Option<FakeCopy>,
    /// Whether the runner itself pulled that copy.
    pub(super) copy_is_own: bool,
    /// The credential of each question to the registry.
    pub(super) looks: Vec<Option<RegistryCredential>>,
    /// How many bytes programs inside instances printed.
    pub(super) printed: usize,
    /// Held by every program that runs inside an instance.
    pub(super) programs: Arc<()>,
    /// Which volumes there are.
    pub(super) volumes: BTreeMap<VolumeId, FakeVolume>,
    /// How much processor each instance uses, in thousandths; as usual when absent.
    pub(super) cpu_millis: Option<u64>,
    /// Those that were retired, and until when they are kept.
    pub(super) retired: BTreeMap<VolumeId, (FakeVolume, Timestamp)>,
    /// Those whose disk is away.
    pub(super) away: BTreeMap<VolumeId, FakeVolume>,
    /// How often it was replaced by a newer one.
    pub(super) upgrades: u32,
    ticks: i64,
}

#[derive(Debug)]
pub(super) struct FakeInstance {
    pub(super) spec: InstanceSpec,
    /// The mark of its maker.
    pub(super) mark: Option<String>,
    pub(super) state: PlatformState,
    pub(super) ports: Vec<PublishedPort>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) lines: Vec<PlatformLine>,
    /// How often it was measured since it was started.
    pub(super) measured: u64,
    /// How much processor time it had used when it was measured last.
    pub(super) cpu_nanos: u64,
    pub(super) process: Option<AbortOnDropHandle<()>>,
    /// What was started inside it since.
    pub(super) programs: Vec<AbortOnDropHandle<()>>,
}

/// An image that the machine has under the tag, whatever the registry has.
#[derive(Clone, Debug)]
pub struct FakeCopy {
    /// Its digest.
    pub digest: String,
    /// When it was built.
    pub created_at: Timestamp,
    /// True when somebody pulled it from the registry.
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
    /// Changes what is wrong with it.
    pub fn break_it(&self, change: impl FnOnce(&mut Faults)) {
        self.change(|state| change(&mut state.faults));
    }

    /// How many instances were ever created.
    pub fn created(&self) -> usize {
        self.state().created
    }

    /// The credentials that pulls came with, in their order.
    pub fn shown(&self) -> Vec<Option<RegistryCredential>> {
        self.state().shown.clone()
    }

    /// How many instances there are.
    pub fn present(&self) -> usize {
        self.state().instances.len()
    }

    /// Whether this instance is there.
    pub fn has(&self, instance: InstanceId) -> bool {
        self.state().instances.contains_key(&instance)
    }

    /// The digest of the one image that there is.
    pub const fn digest(&self) -> &'static str {
        super::runner::DIGEST
    }

    /// From now on each instance uses so much processor, in thousandths.
    pub fn use_cpu(&self, millis: u64) {
        self.state().cpu_millis = Some(millis);
    }

    /// Moves the tag of the one image that there is.
    pub fn push(&self, digest: &str) {
        self.change(|state| state.tag = Some(digest.to_owned()));
    }

    /// The images that had to stay, for each time that others were to be removed.
    pub fn needed(&self) -> Vec<NeededImages> {
        self.state().needed.clone()
    }

    /// Puts an image onto the machine under the tag.
    pub fn put_copy(&self, copy: FakeCopy) {
        self.state().copy = Some(copy);
    }

    /// Puts an image onto the machine as though this runner had pulled it.
    pub fn put_own_copy(&self, copy: FakeCopy) {
        let mut state = self.state();
        state.copy = Some(copy);
        state.copy_is_own = true;
    }

    /// The credentials that the registry was shown when it was asked what the tag means.
    pub fn looks(&self) -> Vec<Option<RegistryCredential>> {
        self.state().looks.clone()
    }

    /// How many programs run that were started inside instances.
    pub fn programs(&self) -> usize {
        Arc::strong_count(&self.state().programs) - 1
    }

    /// How many bytes such programs have printed in all.
    pub fn printed(&self) -> usize {
        self.state().printed
    }

    /// Whether this volume is there.
    pub fn has_volume(&self, volume: VolumeId) -> bool {
        self.state().volumes.contains_key(&volume)
    }

    /// Replaces the platform by a newer version of it, beneath what runs.
    pub fn upgrade(&self) {
        self.change(|state| state.upgrades += 1);
    }

    /// The kernel kills an instance for want of memory.
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

    /// The instance's process is gone.
    pub(super) fn end(&self, instance: InstanceId, code: i64) {
        self.change(|state| {
            if let Some(instance) = state.instances.get_mut(&instance) {
                instance.state = PlatformState::exited(code);
                instance.ports.clear();
                instance.programs.clear();
            }
        });
    }

    /// The instance's process prints something.
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
            (false, false) => Provenance::Machine,
        }
    }

    /// The platform's own time.
    pub(super) fn tick(&mut self) -> Timestamp {
        self.ticks += 1;
        Timestamp::from_micros(EPOCH_MICROS + self.ticks / LINES_PER_MICROSECOND)
    }

    /// The platform's own time, later than everything before.
    pub(super) fn later(&mut self) -> Timestamp {
        self.ticks += LINES_PER_MICROSECOND;
        self.tick()
    }

    pub(super) fn get_mut(&mut self, key: &InstanceKey) -> Result<&mut FakeInstance, RunnerError> {
        self.instances
            .get_mut(&key.instance_id)
            .ok_or_else(|| RunnerError::platform("instance_missing", "There is no such instance."))
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

    async fn lose(&self, volume: VolumeId) {
        self.change(|state| {
            if let Some(lost) = state.volumes.remove(&volume) {
                state.away.insert(volume, lost);
            }
        });
    }
}
