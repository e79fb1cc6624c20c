//! A runner as a whole: the link, and behind it the tasks that make things true.

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
    board::Board,
    context::Context,
    identity::{Identity, IdentityError},
    link::{self, ServerUrl},
    logs::Depot,
    machine::{Machine, ThisMachine},
    observer::{Observer, observe},
    outbox::Outbox,
    registries::Registries,
    runner::{Runner, RunnerError},
    sampler::sample,
    state::{Keeper, Memory, StateFolder},
    supervisor::{Command, supervise},
    tags::{Tags, keep_looking},
    task,
    timings::Timings,
    volumes::{Locks, empty_trash},
};

/// Commands that wait to be taken up. They are handed on at once, so a few are plenty.
const COMMANDS: usize = 16;

/// What a runner needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server is.
    pub server_url: ServerUrl,
    /// The token that the server gave to this runner.
    pub token: SecretText,
    /// How long things take and how often they are tried.
    pub timings: Timings,
    /// Where it keeps what should be true, so that it need not wait for the server when it starts;
    /// without one it does.
    pub state: Option<StateFolder>,
    /// What the machine's owner allows; see [`read_policy`](crate::read_policy).
    pub policy: HostPolicy,
}

/// Why a runner cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentError {
    /// It cannot know who it is, and so not what is its own.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// Runs a runner until it is asked to stop. Its instances stay as they are.
///
/// # Errors
/// [`AgentError::Identity`].
pub async fn run<R: Runner>(
    runner: R,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    run_on(Arc::new(ThisMachine), runner, options, shutdown).await
}

/// Like [`run`], on a machine of one's choice.
///
/// # Errors
/// [`AgentError::Identity`].
pub async fn run_on<R: Runner>(
    machine: Arc<dyn Machine>,
    runner: R,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), AgentError> {
    let keeper = options
        .state
        .map(|folder| Keeper::new(folder, Arc::clone(&machine)));
    let identity = Identity::open(keeper.as_ref(), &options.token, &*machine).await?;
    runner.own(identity.owner());
    let agent = Agent {
        runner: Arc::new(runner),
        server_url: options.server_url,
        token: options.token,
        timings: options.timings,
        keeper,
        identity,
        machine,
        policy: options.policy,
        core: OnceCell::new(),
        shutdown: shutdown.clone(),
    };
    agent.recall().await;
    tokio::select! {
        () = link::keep_linked(&agent) => {}
        // The link says goodbye by itself; this ends the pauses between two of them.
        () = stopped(&shutdown, agent.timings.link_first) => {}
    }
    agent.save().await;
    Ok(())
}

async fn stopped(shutdown: &CancellationToken, farewell: Duration) {
    shutdown.cancelled().await;
    sleep(farewell).await;
}

/// What the link works with.
pub(crate) struct Agent<R> {
    pub(crate) machine: Arc<dyn Machine>,
    pub(crate) runner: Arc<R>,
    pub(crate) server_url: ServerUrl,
    pub(crate) token: SecretText,
    pub(crate) timings: Timings,
    pub(crate) shutdown: CancellationToken,
    keeper: Option<Keeper>,
    pub(crate) identity: Identity,
    pub(crate) policy: HostPolicy,
    core: OnceCell<Core<R>>,
}

/// The tasks behind the link. They start with what the process before this one kept, else with the
/// first welcome: both say who the runner is. They outlive every link.
pub(crate) struct Core<R> {
    pub(crate) context: Arc<Context<R>>,
    pub(crate) commands: mpsc::Sender<Command>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl<R: Runner> Agent<R> {
    /// Takes up what the process before this one kept, so that it is made true with or without
    /// the server.
    async fn recall(&self) {
        let Some(keeper) = &self.keeper else {
            return;
        };
        if let Some(content) = keeper.recall().await {
            if self.identity.runner_id() != Some(content.runner_id) {
                error!(
                    runner.id = %content.runner_id,
                    "the copy of what should run is another runner's; waiting for the server"
                );
                return;
            }
            info!(
                runner.id = %content.runner_id,
                deployments = content.deployments.len(),
                "takes up what should run from the copy on this machine"
            );
            let runner_id = content.runner_id;
            let start = || async { Core::start(self, runner_id, Memory::recalled(content)) };
            self.core.get_or_init(start).await;
        }
    }

    /// Keeps what is not kept yet.
    async fn save(&self) {
        if let (Some(keeper), Some(core)) = (&self.keeper, self.core.get()) {
            let context = &core.context;
            if let Err(error) = keeper.save(context.runner_id, &context.memory).await {
                error!(%error, "what should run could not be kept on this machine");
            }
        }
    }

    /// The tasks behind the link, once they know what is on the platform.
    ///
    /// # Errors
    /// When the platform does not answer.
    pub(crate) async fn core(&self, runner_id: RunnerId) -> Result<&Core<R>, RunnerError> {
        let start = || async { Core::start(self, runner_id, Memory::default()) };
        let core = self.core.get_or_init(start).await;
        core.context.observer.fresh().await?;
        Ok(core)
    }

    /// Waits until the platform answers. Without it there is nothing to tell, and a link would
    /// make old news look fresh.
    pub(crate) async fn platform_answers(&self) {
        if let Some(core) = self.core.get() {
            while core.context.observer.fresh().await.is_err() {
                sleep(self.timings.retry_first).await;
            }
        }
    }

    /// Waits until the platform has not answered for too long.
    pub(crate) async fn platform_is_silent(&self) {
        loop {
            sleep(self.timings.platform_grace / 4).await;
            let silence = self.core.get().and_then(|c| c.context.observer.silence());
            if silence.is_some_and(|silence| silence >= self.timings.platform_grace) {
                return;
            }
        }
    }
}

impl<R: Runner> Agent<R> {
    /// Waits until the platform has broken off and come back as another one than was told, as after
    /// an upgrade.
    pub(crate) async fn platform_is_another(&self, core: &Core<R>, told: &RunnerInfo) {
        let mut breaks = core.context.observer.breaks();
        while breaks.changed().await.is_ok() {
            while core.context.observer.fresh().await.is_err() {
                sleep(self.timings.retry_first).await;
            }
            if self.runner.about().await.is_ok_and(|now| now != *told) {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

impl<R: Runner> Core<R> {
    fn start(agent: &Agent<R>, runner_id: RunnerId, memory: Memory) -> Self {
        let outbox = Arc::new(Outbox::default());
        let board = Arc::new(Board::new(Arc::clone(&outbox)));
        let (observer, watch) = Observer::new();
        let observing = task::owned(observe(
            Arc::clone(&agent.runner),
            runner_id,
            Arc::clone(&board),
            agent.timings.clone(),
            watch,
        ));
        let context = Arc::new(Context {
            machine: Arc::clone(&agent.machine),
            runner: Arc::clone(&agent.runner),
            runner_id,
            timings: agent.timings.clone(),
            observer,
            board,
            outbox,
            depot: Arc::new(Depot::new(agent.timings.log_batch)),
            tags: Tags::default(),
            registries: Registries::default(),
            volumes: Locks::default(),
            memory: Arc::new(memory),
            policy: agent.policy.clone(),
            ids: sync::Mutex::new(ContextV7::new()),
        });
        if agent.keeper.is_none() {
            context.memory.keeps_nothing();
        }
        let keeping = agent.keeper.clone().map(|keeper| {
            let memory = Arc::clone(&context.memory);
            task::owned(keeper.follow(runner_id, memory, agent.timings.clone()))
        });
        let (commands, following) = mpsc::channel(COMMANDS);
        let supervising = task::owned(supervise(Arc::clone(&context), following));
        let sampling = task::owned(sample(Arc::clone(&context)));
        let emptying = task::owned(empty_trash(Arc::clone(&context)));
        let looking = task::owned(keep_looking(Arc::clone(&context)));
        Self {
            context,
            commands,
            _tasks: [observing, supervising, sampling, looking, emptying]
                .into_iter()
                .chain(keeping)
                .collect(),
        }
    }
}
