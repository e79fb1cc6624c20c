//! One run of the simulation, from its seed to its verdict.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use api::{
    actor::{Actor, Membership},
    app::App,
    client::ClientAddress,
    config::Sources,
    db::Commit,
    seal::MasterKey,
    services, store,
};
use models::{
    UserId, WorkspaceId,
    value::{Email, ResourceName, SecretText},
};
use tokio::time::sleep;

use crate::{
    bus::Exchange,
    cluster::Cluster,
    convergence, database, faults,
    invariants::Invariants,
    log_check,
    net::Net,
    operators::{self, CPU_TARGET},
    runner::{RunnerHost, RunnerSetup},
    server::{Server, SharedBackend},
    trace::Trace,
    world::World,
};

/// The time limit for convergence after the last fault.
///
/// The longest phase of a release may take a quarter of an hour.
const PATIENCE: Duration = Duration::from_mins(30);
/// The interval between checks of convergence.
const LOOK: Duration = Duration::from_secs(5);
/// The time after which no measurement from before the end of the faults counts.
const SETTLING: Duration = Duration::from_mins(2);
/// The time for which convergence must last.
const PEACE: Duration = Duration::from_mins(3);

/// Runs a seed. Time and randomness belong to this thread, so a run needs the thread to itself.
pub(crate) async fn run(seed: u64, trace: Trace, folder: &Path) -> Arc<World> {
    let world = Arc::new(World::new(seed, trace));
    world.note(&format!("seed {seed}: {:?}", world.profile));
    if let Err(error) = drive(&world, folder).await {
        world.violate(error);
    }
    world.end();
    world
}

async fn drive(world: &Arc<World>, folder: &Path) -> Result<(), String> {
    let cluster = build_cluster(world, folder).await?;
    tokio::spawn(faults::restart_crashed(Arc::clone(&cluster)));
    let acting = tokio::spawn(operators::run(Arc::clone(&cluster)));
    faults::inject_all(Arc::clone(&cluster)).await;
    acting.await.map_err(|error| error.to_string())?;
    faults::heal_all(&cluster).await;
    // Earlier measurements decide for a while.
    sleep(SETTLING).await;
    await_convergence(&cluster).await?;
    world.note("all agree");
    sleep(PEACE).await;
    convergence::missing(&cluster)
        .await
        .map_err(|left| format!("peace did not last: {left}"))?;
    convergence::count(&cluster).await?;
    log_check::compare(&cluster).await
}

async fn await_convergence(cluster: &Cluster) -> Result<(), String> {
    let until = cluster.world.elapsed() + PATIENCE;
    loop {
        sleep(LOOK).await;
        match convergence::missing(cluster).await {
            Ok(()) => return Ok(()),
            Err(_) if cluster.world.has_violations() => return Ok(()),
            Err(left) if cluster.world.elapsed() > until => {
                return Err(format!("no agreement: {left}"));
            }
            Err(_) => {}
        }
    }
}

async fn build_cluster(world: &Arc<World>, folder: &Path) -> Result<Arc<Cluster>, String> {
    let net = Net::new(Arc::clone(world));
    let invariants = Arc::new(Invariants::new(world));
    let checked = Arc::clone(&invariants);
    let backend = Arc::new(SharedBackend {
        world: Arc::clone(world),
        net: Arc::clone(&net),
        connection: database::open().map_err(|error| error.to_string())?,
        on_commit: Arc::new(move |connection| checked.committed(connection)),
        master_key: MasterKey::random(),
        config: config(folder)?,
        exchange: Exchange::new(Arc::clone(world)),
    });
    let mut servers: Vec<Server> = (0..world.profile.servers)
        .map(|number| Server::new(&backend, number, skew(world)))
        .collect();
    for server in &mut servers {
        server.start()?;
    }
    let app = servers.first().and_then(Server::app).cloned();
    let app = app.ok_or("there is no server")?;
    let (workspace_id, actor) = bootstrap(&app).await?;
    let mut hosts = Vec::new();
    for number in 0..world.profile.runners {
        let name = ResourceName::trusted(format!("runner-{number}"));
        let created = services::runner::create(&app, workspace_id, name).await;
        let (runner, token) = created.map_err(|error| error.chain())?;
        let setup = RunnerSetup {
            number,
            runner_id: runner.runner_id,
            token: SecretText::new(token.expose()),
            folder: folder.join(format!("runner-{number}")),
        };
        let mut host = RunnerHost::new(world, &net, &invariants, setup);
        if world.profile.scales {
            // More than the initial instances can handle.
            host.platform.use_cpu(2 * CPU_TARGET);
        }
        if world.profile.obedient {
            host.platform.break_it(|faults| faults.stop_code = Some(0));
        }
        host.start()?;
        hosts.push(host);
    }
    Ok(Arc::new(Cluster {
        world: Arc::clone(world),
        net,
        backend,
        workspace_id,
        actor,
        servers: Mutex::new(servers),
        hosts: Mutex::new(hosts),
    }))
}

/// Creates a person and a workspace.
async fn bootstrap(app: &App) -> Result<(WorkspaceId, Actor), String> {
    let user_id = UserId::from_uuid(app.ids.next());
    let address = ClientAddress(Ipv4Addr::LOCALHOST.into());
    let actor = Actor::person(user_id, "Ada", address);
    let email = Email::new("ada@example.org").map_err(|error| error.to_string())?;
    let new = store::app_user::NewUser {
        user_id,
        email: &email,
        name: &actor.name,
        password_hash: "",
        at: app.clock.now(),
    };
    app.db
        .write(async |tx| store::app_user::insert(tx, new).await.map(Commit))
        .await
        .map_err(|error| error.to_string())?;
    let name = ResourceName::trusted("main");
    let made = services::workspace::create(app, user_id, name).await;
    let workspace = made.map_err(|error| error.chain())?;
    let (workspace_id, grants) = (workspace.workspace_id, workspace.grants);
    let membership = Membership {
        workspace_id,
        grants,
    };
    Ok((workspace_id, actor.with_membership(membership)))
}

fn config(folder: &Path) -> Result<api::config::Config, String> {
    let variables = [
        ("BERTH__PASSWORD__MEMORY_KIB", "64"),
        ("BERTH__PASSWORD__ITERATIONS", "1"),
        ("BERTH__RUNNER__THIS_MACHINE", "off"),
        // Runs are short.
        ("BERTH__SCALING__DECIDE_EVERY_MS", "5000"),
        ("BERTH__SCALING__AVERAGE_OVER_MS", "15000"),
        ("BERTH__SCALING__WARM_UP_MS", "5000"),
        ("BERTH__SCALING__CALM_MS", "30000"),
        // Its limits use the real clock, which hardly moves during a run.
        ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1000000"),
        ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "1000000"),
        ("BERTH__RATE_LIMITS__WRITES__BURST", "1000000"),
        ("BERTH__RATE_LIMITS__READS__BURST", "1000000"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let sources = Sources {
        file: None,
        data_dir: Some(folder.to_owned()),
        variables: variables.map(owned).to_vec(),
    };
    sources.load().map_err(|error| error.to_string())
}

fn skew(world: &World) -> i64 {
    let longest = world.profile.server_skew;
    let drawn = world.draw(|rng| rng.between(Duration::ZERO, longest * 2));
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or_default();
    millis(drawn) - millis(longest)
}
