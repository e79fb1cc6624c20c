//! A runner on a Docker Engine.
//!
//! Each instance is one container with its [`InstanceKey`](runner_common::InstanceKey) in its
//! labels. Containers belong to the engine, not to this process: they go on when it ends, and
//! what is there is read from their labels when it starts again.
//!
//! The engine never restarts a container by itself (restart policy `no`): the reconcile loop
//! does, with pauses that people can see. Two that restart would hide each other's counts, and
//! the engine would bring up after a reboot what was asked to stop while the machine was off.

mod changes;
mod container;
mod credential;
mod detect;
mod diagnose;
mod engine;
mod error;
mod exec;
mod fence;
mod files;
mod find;
mod guard;
mod image;
mod inside;
mod instances;
mod labels;
mod lines;
mod make;
mod network;
mod platform;
mod port;
mod progress;
mod reach;
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
    Enrolling, IdentityError, PolicyError, RunError, ShownCode, StateFolder, StateKey, adopt, pin,
    read_policy,
};

/// Where the Docker Engine listens unless somebody moved it.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// What the runner needs to know of its own platform.
#[derive(Clone, Debug)]
pub struct DockerOptions {
    /// The engine's socket.
    pub socket: PathBuf,
    /// The address on which apps' ports are published.
    pub publish_address: IpAddr,
    /// What the machine's owner allows.
    pub policy: HostPolicy,
    /// The key of the marks of a runner that is used without the loop, which brings one of its own;
    /// one that lasts as long as the runner when absent.
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

/// What the runner needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the server is.
    pub server_url: ServerUrl,
    /// The token that the server gave to this runner.
    pub token: SecretText,
    /// Where it keeps what should be true, so that it need not wait for the server when it starts.
    pub state: Option<StateFolder>,
    /// Its platform.
    pub docker: DockerOptions,
}

/// Runs the runner until it is asked to stop. Containers stay as they are. An engine that does
/// not answer is waited for.
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
    runner_common::run(runner, agent, shutdown).await
}

/// The same for a runner that may have to get its token first; see
/// [`runner_common::run_enrolled`].
///
/// # Errors
/// When it gets none, or cannot know who it is.
pub async fn run_enrolled(
    start: Start,
    show: impl Fn(&ShownCode),
    shutdown: CancellationToken,
) -> Result<(), RunError> {
    let Start {
        token,
        enrolling,
        docker,
    } = start;
    let policy = docker.policy.clone();
    let runner = DockerRunner::new(docker);
    runner_common::run_enrolled(runner, token, enrolling, policy, show, shutdown).await
}
