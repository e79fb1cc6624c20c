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
    context::AgentContext,
    host::{Host, SystemHost},
    identity::{Identity, IdentityError},
    informer::{Informer, run_informer},
    link::{self, ServerUrl},
    logs::LogQueue,
    outbox::Outbox,
    platform::{Platform, Reconciler, RunnerError},
    sampler::sample,
    state::{DesiredCache, StateFolder, StateStore},
    status::StatusTable,
    supervisor::{Command, supervise},
    tags::{WatchedTags, poll_tags},
    task,
    timings::Timings,
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
pub async fn run<P: Platform>(
    platform: P,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    run_on(Arc::new(SystemHost), platform, options, shutdown).await
}

/// Runs a runner like [`run`], on the given host.
///
/// # Errors
/// [`AgentError::Identity`].
pub async fn run_on<P: Platform>(
    host: Arc<dyn Host>,
    platform: P,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    let store = options
        .state
        .map(|folder| StateStore::new(folder, Arc::clone(&host)));
    let identity = Identity::open(store.as_ref(), &options.token, &*host).await?;
    platform.set_owner(identity.owner());
    let agent = Agent {
        platform: Arc::new(platform),
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
pub(crate) struct Agent<P: Platform> {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) platform: Arc<P>,
    pub(crate) server_url: ServerUrl,
    pub(crate) token: SecretText,
    pub(crate) timings: Timings,
    pub(crate) shutdown: CancellationToken,
    store: Option<StateStore>,
    pub(crate) identity: Identity,
    pub(crate) policy: HostPolicy,
    core: OnceCell<Core<P::Reconciler>>,
}

/// The tasks behind the link. They outlive every link.
///
/// They start from the state that the previous process saved, else from the first welcome: both
/// carry the runner's id.
pub(crate) struct Core<R> {
    pub(crate) context: Arc<AgentContext>,
    pub(crate) reconciler: Arc<R>,
    pub(crate) commands: mpsc::Sender<Command>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl<P: Platform> Agent<P> {
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
                workloads = content.workloads.len(),
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
    pub(crate) async fn core(
        &self,
        runner_id: RunnerId,
    ) -> Result<&Core<P::Reconciler>, RunnerError> {
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

impl<P: Platform> Agent<P> {
    /// Waits until the platform reconnects with other facts than `told`.
    ///
    /// An upgrade has this effect.
    pub(crate) async fn platform_is_another(&self, core: &Core<P::Reconciler>, told: &RunnerInfo) {
        let mut disconnects = core.context.informer.disconnects();
        while disconnects.changed().await.is_ok() {
            while core.context.informer.relist().await.is_err() {
                sleep(self.timings.retry_first).await;
            }
            if let Ok(fingerprint) = self.platform.fingerprint().await
                && self.platform.capabilities().added_to(fingerprint) != *told
            {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl<R: Reconciler> Core<R> {
    fn start<P: Platform<Reconciler = R>>(
        agent: &Agent<P>,
        runner_id: RunnerId,
        desired_cache: DesiredCache,
    ) -> Self {
        let outbox = Arc::new(Outbox::default());
        let status = Arc::new(StatusTable::new(Arc::clone(&outbox)));
        let (informer, feed) = Informer::new();
        let context = Arc::new(AgentContext {
            host: Arc::clone(&agent.host),
            runner_id,
            capabilities: agent.platform.capabilities(),
            timings: agent.timings.clone(),
            informer,
            status,
            outbox,
            log_queue: Arc::new(LogQueue::new(agent.timings.log_batch)),
            tags: WatchedTags::default(),
            desired_cache: Arc::new(desired_cache),
            policy: agent.policy.clone(),
            traffic: agent.platform.traffic(),
            ids: sync::Mutex::new(ContextV7::new()),
        });
        if agent.store.is_none() {
            context.desired_cache.disable_persistence();
        }
        let saving = agent.store.clone().map(|store| {
            let cache = Arc::clone(&context.desired_cache);
            task::spawn_owned(store.run_saver(runner_id, cache, agent.timings.clone()))
        });
        let reconciler = Arc::new(Arc::clone(&agent.platform).reconciler(Arc::clone(&context)));
        let informing = run_informer(
            Arc::clone(&reconciler),
            Arc::clone(&context.status),
            agent.timings.clone(),
            feed,
        );
        let chores = {
            let reconciler = Arc::clone(&reconciler);
            async move { reconciler.run_chores().await }
        };
        let (commands, following) = mpsc::channel(COMMANDS);
        let supervising = supervise(Arc::clone(&context), Arc::clone(&reconciler), following);
        let sampling = sample(Arc::clone(&context), Arc::clone(&reconciler));
        let polling = poll_tags(Arc::clone(&context), Arc::clone(&reconciler));
        let tasks = [
            task::spawn_owned(informing),
            task::spawn_owned(supervising),
            task::spawn_owned(sampling),
            task::spawn_owned(polling),
            task::spawn_owned(chores),
        ];
        Self {
            context,
            reconciler,
            commands,
            _tasks: tasks.into_iter().chain(saving).collect(),
        }
    }
}
