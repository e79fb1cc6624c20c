//! A whole runner: the link, and the reconciling tasks behind it.

use std::{
    sync::{self, Arc},
    time::Duration,
};

use models::{
    RunnerId,
    runner::{HostPolicy, RunnerInfo},
    value::SecretText,
};
use tokio::{
    sync::{OnceCell, mpsc},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{error, info};
use uuid::ContextV7;

use crate::{
    context::Context,
    host::{Host, SystemHost},
    identity::{Identity, IdentityError},
    informer::{Informer, run_informer},
    link::{self, ServerUrl},
    logs::LogQueue,
    outbox::Outbox,
    platform::{InstancePlatform, RunnerError},
    registry_breaker::RegistryBreaker,
    sampler::sample,
    state::{DesiredCache, StateFolder, StateStore},
    status::StatusTable,
    supervisor::{Command, supervise},
    tags::{WatchedTags, poll_tags},
    task,
    timings::Timings,
    volumes::{VolumeLocks, empty_trash},
};

/// Capacity of the command queue. Commands are handed on at once, so a few are plenty.
const COMMANDS: usize = 16;

/// Settings of a runner.
#[derive(Clone, Debug)]
pub struct Options {
    /// URL of the server.
    pub server_url: ServerUrl,
    /// The token that the server gave to this runner.
    pub token: SecretText,
    /// Timeouts, intervals and retry limits.
    pub timings: Timings,
    /// Folder for a copy of the desired state; lets a restart go on without the server.
    ///
    /// Without one, the runner waits for the server after each start.
    pub state: Option<StateFolder>,
    /// Limits that the host's owner sets; see [`read_policy`](crate::read_policy).
    pub policy: HostPolicy,
}

/// Reasons why a runner cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// The runner cannot read its identity, and so cannot tell its own instances apart.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// Runs a runner until it is told to stop. Its instances stay as they are.
///
/// # Errors
/// [`AgentError::Identity`].
pub async fn run<R: InstancePlatform>(
    runner: R,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    run_on(Arc::new(SystemHost), runner, options, shutdown).await
}

/// Runs a runner like [`run`], on the given host.
///
/// # Errors
/// [`AgentError::Identity`].
pub async fn run_on<R: InstancePlatform>(
    host: Arc<dyn Host>,
    runner: R,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    let store = options
        .state
        .map(|folder| StateStore::new(folder, Arc::clone(&host)));
    let identity = Identity::open(store.as_ref(), &options.token, &*host).await?;
    runner.set_owner(identity.owner());
    let agent = Agent {
        runner: Arc::new(runner),
        server_url: options.server_url,
        token: options.token,
        timings: options.timings,
        store,
        identity,
        host,
        policy: options.policy,
        core: OnceCell::new(),
        shutdown: shutdown.clone(),
    };
    agent.load().await;
    tokio::select! {
        () = link::maintain_link(&agent) => {}
        // The link says goodbye by itself; this ends the pauses between two links.
        () = stopped(&shutdown, agent.timings.link_first) => {}
    }
    agent.save().await;
    Ok(())
}

async fn stopped(shutdown: &CancellationToken, farewell: Duration) {
    shutdown.cancelled().await;
    sleep(farewell).await;
}

/// State that the link works with.
pub(crate) struct Agent<R> {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) runner: Arc<R>,
    pub(crate) server_url: ServerUrl,
    pub(crate) token: SecretText,
    pub(crate) timings: Timings,
    pub(crate) shutdown: CancellationToken,
    store: Option<StateStore>,
    pub(crate) identity: Identity,
    pub(crate) policy: HostPolicy,
    core: OnceCell<Core<R>>,
}

/// The tasks behind the link. They outlive every link.
///
/// They start from the state that the previous process saved, else from the first welcome: both
/// carry the runner's id.
pub(crate) struct Core<R> {
    pub(crate) context: Arc<Context<R>>,
    pub(crate) commands: mpsc::Sender<Command>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl<R: InstancePlatform> Agent<R> {
    /// Loads the saved desired state and reconciles it, with or without the server.
    async fn load(&self) {
        let Some(store) = &self.store else {
            return;
        };
        if let Some(content) = store.load().await {
            if self.identity.runner_id() != Some(content.runner_id) {
                error!(
                    runner.id = %content.runner_id,
                    "the saved desired state is another runner's; waiting for the server"
                );
                return;
            }
            info!(
                runner.id = %content.runner_id,
                deployments = content.deployments.len(),
                "restored the desired state from the copy on this host"
            );
            let runner_id = content.runner_id;
            let start =
                || async { Core::start(self, runner_id, DesiredCache::from_content(content)) };
            self.core.get_or_init(start).await;
        }
    }

    /// Saves state that is not saved yet.
    async fn save(&self) {
        if let (Some(store), Some(core)) = (&self.store, self.core.get()) {
            let context = &core.context;
            if let Err(error) = store.save(context.runner_id, &context.desired_cache).await {
                error!(%error, "the desired state could not be saved on this host");
            }
        }
    }

    /// Returns the tasks behind the link, once they have listed the platform.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub(crate) async fn core(&self, runner_id: RunnerId) -> Result<&Core<R>, RunnerError> {
        let start = || async { Core::start(self, runner_id, DesiredCache::default()) };
        let core = self.core.get_or_init(start).await;
        core.context.informer.relist().await?;
        Ok(core)
    }

    /// Waits until the platform answers.
    ///
    /// Without it there is nothing to report, and a link would make old observations look
    /// fresh.
    pub(crate) async fn platform_answers(&self) {
        if let Some(core) = self.core.get() {
            while core.context.informer.relist().await.is_err() {
                sleep(self.timings.retry_first).await;
            }
        }
    }

    /// Waits until the platform has not answered for too long.
    pub(crate) async fn platform_is_silent(&self) {
        loop {
            sleep(self.timings.platform_grace / 4).await;
            let unavailable_for = self
                .core
                .get()
                .and_then(|c| c.context.informer.unavailable_for());
            if unavailable_for.is_some_and(|duration| duration >= self.timings.platform_grace) {
                return;
            }
        }
    }
}

impl<R: InstancePlatform> Agent<R> {
    /// Waits until the platform reconnects with other facts than `told`.
    ///
    /// An upgrade has this effect.
    pub(crate) async fn platform_is_another(&self, core: &Core<R>, told: &RunnerInfo) {
        let mut disconnects = core.context.informer.disconnects();
        while disconnects.changed().await.is_ok() {
            while core.context.informer.relist().await.is_err() {
                sleep(self.timings.retry_first).await;
            }
            if let Ok(fingerprint) = self.runner.fingerprint().await
                && self.runner.capabilities().added_to(fingerprint) != *told
            {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl<R: InstancePlatform> Core<R> {
    fn start(agent: &Agent<R>, runner_id: RunnerId, desired_cache: DesiredCache) -> Self {
        let outbox = Arc::new(Outbox::default());
        let status = Arc::new(StatusTable::new(Arc::clone(&outbox)));
        let (informer, feed) = Informer::new();
        let informing = task::spawn_owned(run_informer(
            Arc::clone(&agent.runner),
            runner_id,
            Arc::clone(&status),
            agent.timings.clone(),
            feed,
        ));
        let context = Arc::new(Context {
            host: Arc::clone(&agent.host),
            runner: Arc::clone(&agent.runner),
            runner_id,
            timings: agent.timings.clone(),
            informer,
            status,
            outbox,
            log_queue: Arc::new(LogQueue::new(agent.timings.log_batch)),
            tags: WatchedTags::default(),
            registry_breaker: RegistryBreaker::default(),
            volumes: VolumeLocks::default(),
            desired_cache: Arc::new(desired_cache),
            policy: agent.policy.clone(),
            ids: sync::Mutex::new(ContextV7::new()),
        });
        if agent.store.is_none() {
            context.desired_cache.disable_persistence();
        }
        let saving = agent.store.clone().map(|store| {
            let cache = Arc::clone(&context.desired_cache);
            task::spawn_owned(store.run_saver(runner_id, cache, agent.timings.clone()))
        });
        let (commands, following) = mpsc::channel(COMMANDS);
        let supervising = task::spawn_owned(supervise(Arc::clone(&context), following));
        let sampling = task::spawn_owned(sample(Arc::clone(&context)));
        let emptying = task::spawn_owned(empty_trash(Arc::clone(&context)));
        let polling = task::spawn_owned(poll_tags(Arc::clone(&context)));
        Self {
            context,
            commands,
            _tasks: [informing, supervising, sampling, polling, emptying]
                .into_iter()
                .chain(saving)
                .collect(),
        }
    }
}
