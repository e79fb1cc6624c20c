//! This host as a runner: the same runner, over the same protocol, on loopback.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    time::Duration,
};

use api::{
    app::App,
    bus::{Event, Subscription, Topic},
    config::ThisMachine,
    error::AppError,
    random::Token,
    services, store,
};
use models::{
    RunnerId, WorkspaceId,
    error::ErrorCode,
    value::{ResourceName, SecretText},
};
use runner_docker::{DockerOptions, Options, StateFolder, StateKey, read_policy};

/// The name of this machine's runner in the first workspace.
const NAME: &str = "this-machine";

/// The folder of the runner's desired state, in the data folder.
///
/// It is also the purpose of its derived key, because its token changes at every start.
const STATE: &str = "this-machine";

/// Addresses for published apps of this machine, unreachable from other hosts.
///
/// All of 127.0.0.0/8 is loopback on Linux (RFC 6890 section 2.2.2); elsewhere it may be the
/// first of these alone.
const PUBLISH_ADDRESSES: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)),
];

/// The interval of the search for a Docker Engine, which may be installed any time.
const DETECT_INTERVAL: Duration = Duration::from_secs(15);

/// Runs apps on this machine until the server stops, if the settings allow it.
///
/// It begins once a Docker Engine answers and the first workspace, which it joins, exists.
pub async fn run(app: App, address: SocketAddr) {
    if app.config.runner.this_machine == ThisMachine::Off {
        return;
    }
    let is_ready = &app.features.set_up.local_runner_is_ready;
    is_ready.send_replace(None);
    let ready = async {
        wait_for_engine(&app).await;
        wait_for_workspace(&app).await
    };
    let Some(workspace_id) = app.stop.run_until_cancelled(ready).await else {
        return;
    };
    let joined = match workspace_id {
        Ok(workspace_id) => Box::pin(join(&app, workspace_id, address)).await,
        Err(error) => Err(error),
    };
    if let Err(error) = joined {
        tracing::error!(error = %error.chain(), "this machine cannot run apps");
    }
}

async fn wait_for_engine(app: &App) {
    let engine = runner_docker::detect().await;
    let is_ready = &app.features.set_up.local_runner_is_ready;
    is_ready.send_replace(Some(engine.is_some()));
    if let Some(engine) = engine {
        tracing::info!(version = engine.version, "this machine has a Docker Engine");
        return;
    }
    tracing::warn!("no Docker Engine is responding; this machine cannot run apps until one is");
    while runner_docker::detect().await.is_none() {
        tokio::time::sleep(DETECT_INTERVAL).await;
    }
    is_ready.send_replace(Some(true));
}

async fn wait_for_workspace(app: &App) -> Result<WorkspaceId, AppError> {
    loop {
        // Subscribing before the check catches a set-up in between.
        let done = app.features.set_up.done.notified();
        tokio::pin!(done);
        done.as_mut().enable();
        if let Some(workspace_id) = store::workspace::oldest(&app.db).await? {
            return Ok(workspace_id);
        }
        done.await;
    }
}

async fn join(app: &App, workspace_id: WorkspaceId, address: SocketAddr) -> Result<(), AppError> {
    let policy_file = &app.config.runner.policy_file;
    let policy_file = Some(policy_file.as_path()).filter(|path| !path.as_os_str().is_empty());
    let policy = read_policy(policy_file).map_err(AppError::internal)?;
    let name = ResourceName::trusted(NAME);
    let mut options = Options {
        server_url: format!("http://{}", reachable(address))
            .parse()
            .map_err(AppError::internal)?,
        token: SecretText::new(""),
        state: Some(StateFolder {
            path: app.config.server.data_dir.join(STATE),
            key: StateKey::from_secret(app.master_key.derive(STATE).as_slice()),
        }),
        docker: DockerOptions {
            policy,
            publish_address: publish_address(app).await,
            ..DockerOptions::default()
        },
    };
    loop {
        let mut events = app.bus.subscribe([Topic::Workspace(workspace_id)]);
        let (runner_id, token) = services::runner::register_local(app, workspace_id, &name).await?;
        options.token = SecretText::new(token.expose());
        if let Some(state) = &options.state {
            // Server and runner are one program: the server's database knows the runner's id,
            // even after the runner was replaced.
            let pinned = runner_docker::pin(state, runner_id).await;
            pinned.map_err(AppError::internal)?;
        }
        let running = runner_docker::run(options.clone(), app.stop.clone());
        tokio::select! {
            ended = running => return ended.map_err(AppError::internal),
            is_there = refused(app, &mut events, (workspace_id, runner_id), &token) => {
                if !is_there {
                    tracing::info!("this machine was removed; it joins again when the server restarts");
                    return Ok(());
                }
                tracing::info!("the token of this machine was rotated; reconnecting with the new one");
            }
        }
    }
}

/// The first address that the dashboard's host name does not resolve to.
///
/// With it, no browser sends the dashboard's cookies to apps of this machine.
async fn publish_address(app: &App) -> IpAddr {
    app.site.resolve().await;
    let here = Some(Ipv4Addr::LOCALHOST.into());
    let is_apart = |ip: &IpAddr| !app.site.is_shared_with(*ip, here);
    let can_be_used = |ip: &IpAddr| TcpListener::bind((*ip, 0)).is_ok();
    let mut addresses = PUBLISH_ADDRESSES.into_iter();
    addresses
        .find(|ip| is_apart(ip) && can_be_used(ip))
        .unwrap_or(Ipv4Addr::LOCALHOST.into())
}

/// Waits until the runner's token is refused; true if the runner still exists.
///
/// If it does, someone gave it another token, which the server does not have.
async fn refused(
    app: &App,
    events: &mut Subscription,
    (workspace_id, runner_id): (WorkspaceId, RunnerId),
    token: &Token,
) -> bool {
    loop {
        let may_be = match events.next().await {
            Event::RunnerChanged {
                runner_id: changed, ..
            } => changed == runner_id,
            Event::Resync => true,
            _ => false,
        };
        if !may_be {
            continue;
        }
        let found = services::runner::get(app, workspace_id, runner_id).await;
        let known = services::runner::by_token(app, token.expose()).await;
        let is_refused = known.is_err_and(|e| e.code() == ErrorCode::Unauthenticated);
        let is_there = match found {
            Ok(_) => true,
            Err(error) if error.code() == ErrorCode::NotFound => false,
            Err(_) => continue,
        };
        if is_refused {
            return is_there;
        }
    }
}

/// The address at which a program on this host reaches a listener on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
