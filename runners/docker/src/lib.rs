//! A runner on a Docker Engine.
//!
//! Each instance is one container with its [`InstanceKey`](runner_common::InstanceKey) in its
//! labels. Containers belong to the engine, not to this process: they run on when it exits, and
//! the next process finds them by their labels.
//!
//! The engine never restarts a container by itself (restart policy `no`): the reconcile loop
//! does, with pauses that people can see. Two restart mechanisms would hide each other's
//! counts, and after a reboot the engine would start containers that were stopped while the
//! host was off.

mod container;
mod container_fs;
mod credential;
mod detect;
mod diagnose;
mod engine;
mod error;
mod events;
mod exec;
mod files;
mod firewall;
mod guard;
mod image;
mod instances;
mod labels;
mod lines;
mod lookup;
mod make;
mod network;
mod platform;
mod port;
mod progress;
mod registry_address;
mod runner;
pub mod settings;
mod stats;
mod volumes;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
};

use models::{runner::HostPolicy, value::SecretText};
use runner_common::{AgentError, OwnerKey, ServerUrl, Timings};
use tokio_util::sync::CancellationToken;

use self::settings::Start;
pub use detect::{Detected, detect};
pub use runner::DockerRunner;
pub use runner_common::{
    IdentityError, PolicyError, RegistrationOptions, RegistrationPrompt, RunError, StateFolder,
    StateKey, adopt, pin, read_policy,
};

/// Default path of the Docker Engine's socket.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Settings of the platform.
#[derive(Clone, Debug)]
pub struct DockerOptions {
    /// Path of the engine's socket.
    pub socket: PathBuf,
    /// Address on which apps' ports are published.
    pub publish_address: IpAddr,
    /// Limits that the host's owner sets.
    pub policy: HostPolicy,
    /// Key of the ownership marks, for a runner that is used without the loop.
    ///
    /// The loop brings a key of its own. When absent, a key that lasts as long as the runner.
    pub key: Option<OwnerKey>,
}

impl Default for DockerOptions {
    fn default() -> Self {
        Self {
            socket: DEFAULT_SOCKET.into(),
            publish_address: Ipv4Addr::LOCALHOST.into(),
            policy: HostPolicy::default(),
            key: None,
        }
    }
}

/// Settings of the runner.
#[derive(Clone, Debug)]
pub struct Options {
    /// URL of the server.
    pub server_url: ServerUrl,
    /// The token that the server gave to this runner.
    pub token: SecretText,
    /// Folder for a copy of the desired state; lets a restart go on without the server.
    pub state: Option<StateFolder>,
    /// Settings of the platform.
    pub docker: DockerOptions,
}

/// Runs the runner until it is told to stop. Containers stay as they are.
///
/// If the engine does not answer, waits for it.
///
/// # Errors
/// [`AgentError`].
pub async fn run(options: Options, shutdown: CancellationToken) -> Result<(), AgentError> {
    let policy = options.docker.policy.clone();
    let runner = DockerRunner::new(options.docker);
    let agent = runner_common::Options {
        server_url: options.server_url,
        token: options.token,
        timings: Timings::default(),
        state: options.state,
        policy,
    };
    Box::pin(runner_common::run(runner, agent, shutdown)).await
}

/// Runs a runner that may have to register first.
///
/// See [`runner_common::run_registered`].
///
/// # Errors
/// When it gets no token, or cannot read its identity.
pub async fn run_registered(
    start: Start,
    show: impl Fn(&RegistrationPrompt),
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let Start {
        token,
        registration,
        docker,
    } = start;
    let policy = docker.policy.clone();
    let runner = DockerRunner::new(docker);
    runner_common::run_registered(runner, token, registration, policy, show, shutdown).await
}
