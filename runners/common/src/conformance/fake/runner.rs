//! The runner of the platform in memory.

use std::sync::OnceLock;

use futures::{Stream, stream};
use models::{
    RunnerId, VolumeId,
    deployment::{FailureCode, ImageCheckUse, ImageDescription, PublishedPort},
    runner::{RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use tokio::{net::TcpListener, time::sleep};

use super::{
    FakePlatform, mark,
    platform::{FakeInstance, State},
    process, shell,
    stats::{self, USAGE},
};
use crate::{
    conformance::Subject,
    owner::Owner,
    platform::{
        Capabilities, Exec, ExecSession, Health, HealthStatus, ImageOrigin, InstanceKey,
        InstancePlatform, InstanceSpec, InstanceStats, LogStart, NeededImages, PlatformInstance,
        PlatformLine, PlatformState, PullProgress, PullStatus, ReadyImage, RetiredVolume,
        RunnerError,
    },
    task,
};

/// Reported size of the image.
const IMAGE_BYTES: u64 = 1_000_000;

/// A runner on a [`FakePlatform`].
#[derive(Debug)]
pub struct FakeRunner {
    platform: FakePlatform,
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

    fn owner(&self) -> Option<&Owner> {
        self.owner.get()
    }

    fn query<T>(
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

    /// Resolves the tag of the only image.
    fn tag(&self, image: &ImageReference) -> Result<ImageDigest, RunnerError> {
        if *image != self.platform.image() {
            return Err(RunnerError::user(
                FailureCode::ImageNotFound,
                format!("There is no image {image}."),
            ));
        }
        let tag = self.platform.state().tag.clone();
        Ok(tag.unwrap_or_else(|| self.platform.digest()))
    }

    /// Resolves a reference in the registry, which has an image of every digest.
    fn meaning(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
    ) -> Result<ImageDigest, RunnerError> {
        let known = self.platform.image();
        match digest {
            Some(digest) if image.repository() == known.repository() => Ok(digest.clone()),
            _ => self.tag(image),
        }
    }

    /// Returns the host's copy, or the registry's image.
    fn ready(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
    ) -> Result<ReadyImage, RunnerError> {
        let digest = image.digest().or_else(|| digest.cloned());
        let copy = self.platform.state().copy.clone();
        let copy = copy.filter(|copy| digest.as_ref().is_none_or(|digest| *digest == copy.digest));
        let origin = match &copy {
            Some(copy) => ImageOrigin::LocalCopy {
                created_at: Some(copy.created_at),
                provenance: self.platform.state().provenance(copy),
            },
            None => ImageOrigin::Registry,
        };
        let found = if let Some(copy) = copy {
            copy.digest
        } else {
            self.meaning(image, digest.as_ref())?
        };
        Ok(ReadyImage {
            digest: found,
            description: ImageDescription::default(),
            origin,
        })
    }

    fn notify<T>(
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
                app_firewall: None,
                publish_address: None,
                policy: None,
            })
        })
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        self.query(|state| {
            let lies = state.faults.lies;
            let mine = state.instances.values();
            let mine = mine.filter(|instance| {
                instance.spec.key.runner_id == owner
                    && mark::is_right(
                        self.owner(),
                        &mark::parts(&instance.spec.key),
                        instance.mark.as_deref(),
                    )
            });
            let seen = mine.map(|instance| PlatformInstance {
                key: instance.spec.key,
                state: if lies {
                    PlatformState::Running
                } else {
                    seen_state(instance, state.faults.health.as_ref())
                },
                ports: instance.ports.clone(),
                started_at: instance.started_at,
                volumes: instance.volumes(),
                health: health(instance, state.faults.health.as_ref()),
            });
            Ok(seen.collect())
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
        let (slow, fault) = self.query(|state| {
            state.pulls.push(credential.cloned());
            Ok((state.faults.slow_pull, state.faults.pulls.pop_front()))
        })?;
        for done_bytes in [0, IMAGE_BYTES / 2, IMAGE_BYTES] {
            let total_bytes = IMAGE_BYTES;
            progress.report(PullStatus {
                done_bytes,
                total_bytes,
            });
            if !slow.is_zero() {
                sleep(slow / 3).await;
            }
        }
        match fault {
            Some(fault) => Err(fault),
            None => self.ready(image, digest),
        }
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
        let (slow, fault) = self.query(|state| {
            state.lookups.push(credential.cloned());
            Ok((state.faults.slow_lookup, state.faults.lookups.pop_front()))
        })?;
        if !slow.is_zero() {
            sleep(slow).await;
        }
        fault.map_or_else(|| self.meaning(image, image.digest().as_ref()), Err)
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        if !instance.spec.volumes.is_empty() {
            let slow = self.query(|state| Ok(state.faults.slow_create))?;
            sleep(slow).await;
        }
        self.notify(|state| {
            state.make_volumes(self.owner(), instance)?;
            state.created += 1;
            let created = FakeInstance {
                spec: instance.clone(),
                mark: mark::of(self.owner(), &mark::parts(&instance.key)),
                state: PlatformState::Created,
                ports: Vec::new(),
                started_at: None,
                lines: Vec::new(),
                measured: 0,
                cpu_nanos: 0,
                process: None,
                programs: Vec::new(),
            };
            state.instances.insert(instance.key.instance_id, created);
            Ok(())
        })
    }

    async fn start(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        let (slow, fault, spec) = self.query(|state| {
            let fault = state.faults.starts.pop_front();
            let spec = state.get_mut(key)?.spec.spec.clone();
            Ok((state.faults.slow_start, fault, spec))
        })?;
        sleep(slow).await;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // The app has at most one port; see `process`.
        let listener = match spec.ports.first() {
            Some(_) => Some(TcpListener::bind("127.0.0.1:0").await.map_err(|error| {
                RunnerError::platform(FailureCode::PortTaken, "No port is free.").with_source(error)
            })?),
            None => None,
        };
        let address = listener.as_ref().and_then(|l| l.local_addr().ok());
        let published = spec.ports.first().zip(address);
        let published = published.map(|(port, address)| PublishedPort {
            port: *port,
            address: address.into(),
        });
        let platform = self.platform.clone();
        let key = *key;
        self.notify(|state| {
            let crash_after = state.faults.crash_after;
            let out_of_memory = state.faults.out_of_memory;
            let ends_at_once = state.faults.ends_at_first > 0;
            state.faults.ends_at_first -= u32::from(ends_at_once);
            let started_at = state.later();
            let instance = state.get_mut(&key)?;
            if instance.state.is_up() {
                return Ok(());
            }
            instance.started_at = Some(started_at);
            instance.measured = 0;
            instance.cpu_nanos = 0;
            if ends_at_once {
                // Nobody may reach it: neither its task nor a connection that waits at its
                // port.
                instance.state = if out_of_memory {
                    PlatformState::Exited {
                        code: 137,
                        oom_killed: true,
                    }
                } else {
                    PlatformState::exited(1)
                };
                return Ok(());
            }
            instance.state = PlatformState::Running;
            instance.ports = published.into_iter().collect();
            let running = process::run(platform, key.instance_id, spec, listener, crash_after);
            instance.process = Some(task::spawn_owned(running));
            Ok(())
        })
    }

    async fn stop(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.notify(|state| {
            let code = state.faults.stop_code.unwrap_or(143);
            if let Ok(instance) = state.get_mut(key)
                && instance.state.is_up()
            {
                instance.process = None;
                instance.programs.clear();
                instance.ports.clear();
                instance.state = PlatformState::exited(code);
            }
            Ok(())
        })
    }

    async fn remove(&self, key: &InstanceKey) -> Result<(), RunnerError> {
        self.notify(|state| {
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
        let platform = self.platform.clone();
        let changes = platform.changes();
        let id = key.instance_id;
        let next = platform
            .state()
            .instances
            .get(&id)
            .map_or(0, |instance| first(&instance.lines, from));
        stream::unfold((next, changes), move |(next, mut changes)| {
            let platform = platform.clone();
            async move {
                loop {
                    changes.mark_unchanged();
                    {
                        let state = platform.state();
                        let instance = state.instances.get(&id)?;
                        if let Some(line) = instance.lines.get(next) {
                            return Some((Ok(line.clone()), (next + 1, changes)));
                        }
                        if !instance.state.is_up() {
                            return None;
                        }
                    }
                    changes.changed().await.ok()?;
                }
            }
        })
    }
}

fn health(instance: &FakeInstance, says: Option<&Health>) -> Option<Health> {
    let counts = instance.spec.spec.image_health_check == ImageCheckUse::Use;
    says.filter(|_| counts && instance.state.is_up()).cloned()
}

fn seen_state(instance: &FakeInstance, says: Option<&Health>) -> PlatformState {
    match health(instance, says) {
        Some(health) if health.status == HealthStatus::Unhealthy => PlatformState::Unhealthy,
        _ => instance.state,
    }
}

/// Returns the index of the first line; lines of one microsecond stay together.
fn first(lines: &[PlatformLine], from: LogStart) -> usize {
    let since = match from {
        LogStart::Since(since) => Some(since),
        LogStart::Tail(count) => {
            let tail = lines.len().saturating_sub(count);
            lines.get(tail).map(|line| line.at)
        }
    };
    since.map_or(0, |since| lines.partition_point(|line| line.at < since))
}
