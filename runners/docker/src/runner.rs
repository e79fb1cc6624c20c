//! The [`InstancePlatform`] operations, on a Docker Engine.

use std::{
    collections::HashSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bollard::{
    Docker,
    query_parameters::{
        RemoveContainerOptionsBuilder, StartContainerOptions, StopContainerOptions,
    },
};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use models::{
    EnvironmentId, RunnerId, VolumeId,
    deployment::FailureCode,
    runner::{HostPolicy, RegistryCredential, RunnerInfo},
    time::Timestamp,
    value::{ImageDigest, ImageReference, NetworkPool},
};
use runner_common::{
    Capabilities, Exec, ExecSession, InstanceKey, InstancePlatform, InstanceSpec, InstanceStats,
    LogStart, NeededImages, Owner, OwnerKey, PlatformInstance, PlatformLine, PullProgress,
    ReadyImage, RetiredVolume, RunnerError,
};
use tokio::sync::Mutex;

use crate::{
    DockerOptions,
    container::{self, ContainerContext},
    diagnose,
    engine::Engine,
    error, events,
    exec::{self, abandoned::Abandoned},
    firewall::Firewall,
    guard::{self, Allowance},
    image,
    instances::{self, InspectCache},
    labels::container_name,
    lines, lookup, make,
    network::{self, NetworkKey, PrivateNetworks},
    port, stats, volumes,
};

/// Timeout of a stop; longer than any grace that an app may have.
const STOP_TIMEOUT: Duration = Duration::from_mins(11);

/// A runner on a Docker Engine.
#[derive(Debug)]
pub struct DockerRunner {
    options: DockerOptions,
    /// `None` until the next request connects.
    engine: Mutex<Option<Engine>>,
    inspect_cache: Arc<InspectCache>,
    /// The ownership marks that were set; see [`InstancePlatform::set_owner`].
    owner: OnceLock<Owner>,
    /// Ownership marks of a runner that is used without the loop.
    stand_in: OnceLock<Owner>,
    firewall: Firewall,
    networks: PrivateNetworks,
    abandoned: Abandoned,
}

impl DockerRunner {
    /// Creates a runner on the engine behind a socket. It connects on first use.
    pub fn new(options: DockerOptions) -> Self {
        Self {
            firewall: Firewall::new(options.policy.app_reach.clone()),
            options,
            engine: Mutex::new(None),
            inspect_cache: Arc::default(),
            owner: OnceLock::new(),
            stand_in: OnceLock::new(),
            networks: PrivateNetworks::default(),
            abandoned: Abandoned::default(),
        }
    }

    /// Returns the ownership marks that were set, or those under a key of its own.
    fn owner(&self) -> Result<&Owner, RunnerError> {
        if let Some(owner) = self.owner.get().or_else(|| self.stand_in.get()) {
            return Ok(owner);
        }
        let key = match &self.options.key {
            Some(key) => key.clone(),
            None => OwnerKey::random().map_err(RunnerError::host)?,
        };
        Ok(self.stand_in.get_or_init(|| Owner::new(key)))
    }

    /// Ensures the firewall's rules, once the runner's identity is known.
    async fn maintain_firewall(&self, docker: &Docker) {
        if let Some(owner) = self.owner.get() {
            self.firewall.maintain(owner, docker).await;
        }
    }

    async fn engine(&self) -> Result<Engine, RunnerError> {
        let mut engine = self.engine.lock().await;
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let connected = Engine::connect(&self.options.socket, &self.options.policy).await?;
        Ok(engine.insert(connected).clone())
    }

    /// Drops the connection: another engine may be behind the socket now.
    ///
    /// It may have another API version and other features.
    async fn forget_engine(&self) {
        *self.engine.lock().await = None;
    }

    /// Returns the host policy, with its values for this host.
    fn policy_on(&self, engine: &Engine) -> HostPolicy {
        let policy = self.options.policy.clone();
        policy.on_host_with(engine.memory_bytes)
    }

    async fn container_context(
        &self,
        instance: &InstanceSpec,
    ) -> Result<ContainerContext, RunnerError> {
        let engine = self.engine().await?;
        let free = port::free(self.options.publish_address, &instance.spec.ports).await;
        let published = free.map_err(|error| {
            RunnerError::platform(
                FailureCode::NoFreePort,
                "No free port was found for the app on the address where ports are published.",
            )
            .with_source(error)
        })?;
        let network = match &instance.network {
            None => network::apps(&engine.docker).await?,
            Some(joined) => {
                let key = NetworkKey {
                    owner: self.owner()?,
                    runner_id: instance.key.runner_id,
                    environment_id: joined.environment_id,
                };
                let pool = self.options.policy.network_pool.clone();
                let pools = pool.map_or_else(NetworkPool::usual, |pool| vec![pool]);
                self.networks.ensure(&engine.docker, key, &pools).await?
            }
        };
        self.maintain_firewall(&engine.docker).await;
        Ok(ContainerContext {
            network,
            published,
            default_memory_mib: self.policy_on(&engine).memory_mib(None),
            has_init: engine.has_init,
        })
    }
}

impl InstancePlatform for DockerRunner {
    fn set_owner(&self, owner: Owner) {
        self.owner.set(owner).ok();
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            volumes: true,
            tags: true,
            runs: true,
            private_networks: true,
            terminals: true,
        }
    }

    async fn fingerprint(&self) -> Result<RunnerInfo, RunnerError> {
        self.forget_engine().await;
        let engine = self.engine().await?;
        let mut about = RunnerInfo {
            publish_address: Some(self.options.publish_address),
            policy: Some(self.policy_on(&engine)),
            ..engine.about().await?
        };
        // The rules are about the bridge, so it must exist.
        if let Some(owner) = self.owner.get()
            && network::apps(&engine.docker).await.is_ok()
        {
            about.app_firewall = Some(self.firewall.maintain(owner, &engine.docker).await);
        }
        Ok(about)
    }

    async fn instances(&self, owner: RunnerId) -> Result<Vec<PlatformInstance>, RunnerError> {
        let engine = self.engine().await?;
        self.maintain_firewall(&engine.docker).await;
        let own = self.owner()?;
        let listed = instances::list(&engine.docker, &self.inspect_cache, own, owner).await;
        if listed.is_err() {
            self.forget_engine().await;
        }
        listed
    }

    fn changes(&self, owner: RunnerId) -> impl Stream<Item = ()> + Send {
        let listening = async move {
            // The engine broke the last stream off, or this is the first one.
            self.forget_engine().await;
            let engine = self.engine().await.ok()?;
            let cache = Arc::clone(&self.inspect_cache);
            Some(events::watch(&engine.docker, cache, owner))
        };
        stream::once(listening)
            .filter_map(std::future::ready)
            .flatten()
    }

    async fn pull(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> Result<ReadyImage, RunnerError> {
        let context = image::PullContext {
            owner: self.owner()?,
            policy: &self.options.policy,
        };
        image::get(
            &self.engine().await?,
            context,
            image,
            digest,
            credential,
            progress,
        )
        .await
    }

    async fn prune(&self, needed: &NeededImages) -> Result<usize, RunnerError> {
        image::prune::prune(&self.engine().await?.docker, self.owner()?, needed).await
    }

    async fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        let docker = &self.engine().await?.docker;
        image::resolve_tag(docker, &self.options.policy, image, credential).await
    }

    async fn note_tag(
        &self,
        image: &ImageReference,
        digest: &ImageDigest,
    ) -> Result<(), RunnerError> {
        image::tag(&self.engine().await?.docker, image, digest).await
    }

    async fn create(&self, instance: &InstanceSpec) -> Result<(), RunnerError> {
        let engine = self.engine().await?;
        let docker = &engine.docker;
        let owner = self.owner()?;
        let image = &instance.spec.image;
        let found = image::find(docker, image, Some(&instance.image_digest)).await?;
        let Some(local) = found else {
            let message = format!("The image {image} was removed from the host in the meantime.");
            return Err(RunnerError::platform(FailureCode::ImageRemoved, message));
        };
        if self.options.policy.registries.is_some() && !local.is_from(owner, image) {
            return Err(runner_common::refused(format!(
                "the copy of {image} on the host does not have that name, so its registry is \
                 unknown. Pull or tag it by that name on the host."
            )));
        }
        let description = &local.description;
        diagnose::check(&instance.spec, description)?;
        if instance.spec.working_directory.is_none() {
            guard::check_start_of(description)?;
        }
        volumes::hidden::check(&instance.spec.volumes, description)?;
        volumes::make(docker, owner, instance).await?;
        let _joining = self.networks.joining().await;
        let context = Box::pin(self.container_context(instance)).await?;
        let joined = instance.network.as_ref();
        let allowance = Allowance {
            network: context.network.clone(),
            host_name: joined.and_then(|joined| joined.host_name.clone()),
            publish_address: self.options.publish_address,
        };
        let body = container::body(owner, instance, local.id, context);
        guard::check(&body, &allowance)?;
        let policy = &self.options.policy;
        guard::limits::check(
            docker,
            owner,
            policy,
            &instance.key,
            body.host_config.as_ref(),
        )
        .await?;
        let name = container_name(owner, &instance.key);
        Box::pin(make::make(&engine, &name, (instance, description), body)).await?;
        volumes::check_expected(docker, owner, instance).await
    }

    async fn start(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let engine = self.engine().await?;
        let docker = &engine.docker;
        let (owner, policy) = (self.owner()?, &self.options.policy);
        let container = lookup::present(docker, owner, instance).await?;
        // The policy may have changed since its creation.
        guard::limits::check_present(docker, owner, policy, (instance, &container)).await?;
        let started = docker.start_container(&container, None::<StartContainerOptions>);
        match started.await {
            Ok(()) => Ok(()),
            Err(failed) => Err(Box::pin(diagnose::of_start(&engine, &container, failed)).await),
        }
    }

    async fn explain_exit(&self, instance: &InstanceKey, code: i64) -> Option<RunnerError> {
        let engine = self.engine().await.ok()?;
        let owner = self.owner().ok()?;
        let container = lookup::container(&engine.docker, owner, instance)
            .await
            .ok()??;
        diagnose::of_exit(&engine, &container, code).await
    }

    async fn stop(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let docker = &self.engine().await?.docker;
        let Some(container) = lookup::container(docker, self.owner()?, instance).await? else {
            return Ok(());
        };
        // The engine answers when the container has exited, which may take as long as any
        // grace.
        let docker = docker.clone().with_timeout(STOP_TIMEOUT);
        // Signal and grace are the container's own.
        match docker
            .stop_container(&container, None::<StopContainerOptions>)
            .await
        {
            Err(error) if error::is_missing(&error) => Ok(()),
            stopped => stopped.map_err(error::refused),
        }
    }

    async fn exec(&self, instance: &InstanceKey, exec: Exec) -> Result<ExecSession, RunnerError> {
        let engine = self.engine().await?;
        let container = lookup::present(&engine.docker, self.owner()?, instance).await?;
        let here = (self.options.socket.as_path(), &self.abandoned);
        Box::pin(exec::exec(&engine, here, &container, exec)).await
    }

    async fn remove(&self, instance: &InstanceKey) -> Result<(), RunnerError> {
        let docker = &self.engine().await?.docker;
        let Some(container) = lookup::container(docker, self.owner()?, instance).await? else {
            return Ok(());
        };
        self.abandoned.remove(&container);
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        match docker.remove_container(&container, Some(options)).await {
            Err(error) if error::is_missing(&error) => Ok(()),
            // Its removal is under way already.
            Err(error) if error::has_status(&error, 409) => Ok(()),
            removed => removed.map_err(error::refused),
        }
    }

    async fn prune_networks(
        &self,
        owner: RunnerId,
        needed: &HashSet<EnvironmentId>,
    ) -> Result<usize, RunnerError> {
        let docker = &self.engine().await?.docker;
        let own = self.owner()?;
        self.networks.prune(docker, own, owner, needed).await
    }

    async fn remove_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<(), RunnerError> {
        let docker = &self.engine().await?.docker;
        volumes::remove(docker, self.owner()?, (owner, volume)).await
    }

    async fn has_volume(&self, owner: RunnerId, volume: VolumeId) -> Result<bool, RunnerError> {
        let docker = &self.engine().await?.docker;
        volumes::is_there(docker, self.owner()?, (owner, volume)).await
    }

    async fn retire_volume(
        &self,
        owner: RunnerId,
        volume: VolumeId,
        until: Timestamp,
    ) -> Result<(), RunnerError> {
        let docker = &self.engine().await?.docker;
        volumes::trash::retire(docker, self.owner()?, (owner, volume), until).await
    }

    async fn retired(&self, owner: RunnerId) -> Result<Vec<RetiredVolume>, RunnerError> {
        let docker = &self.engine().await?.docker;
        volumes::trash::list(docker, self.owner()?, owner).await
    }

    async fn stats(&self, instances: &[InstanceKey]) -> Result<Vec<InstanceStats>, RunnerError> {
        let docker = &self.engine().await?.docker;
        stats::measure(docker, self.owner()?, instances).await
    }

    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send {
        let instance = *instance;
        let reading = async move {
            let docker = &self.engine().await?.docker;
            let container = lookup::present(docker, self.owner()?, &instance).await?;
            Ok(lines::lines(docker.clone(), container, from))
        };
        stream::once(reading).try_flatten()
    }
}
