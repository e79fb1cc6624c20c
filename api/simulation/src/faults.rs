//! Faults, at any time, and their end.

mod apps;
mod inject;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::executor::block_on;
use runner_common::conformance::fake::Faults;
use tokio::time::sleep;

use crate::{
    cluster::Cluster,
    net::{Disconnect, Route},
    operators::CPU_TARGET,
    world::lock,
};

/// The largest number of pages that SQLite allows.
const ALL_ROOM: i64 = 1_073_741_823;
/// The interval at which servers that ended by themselves are started again.
const LOOK: Duration = Duration::from_secs(2);

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Partition,
    Reset,
    ServerCrash,
    RunnerCrash,
    Reboot,
    Silence,
    DatabaseAway,
    ServerDisk,
    RunnerDisk,
    AppCrash,
    ClockJump,
    FalseAlarm,
}

/// Injects faults until the active phase is over.
pub(crate) async fn inject_all(cluster: Arc<Cluster>) {
    let world = &cluster.world;
    let possible = possible(&cluster);
    while world.elapsed() < world.profile.active_phase {
        world
            .wait(Duration::ZERO, world.profile.max_fault_gap)
            .await;
        if let Some(fault) = world.draw(|rng| rng.pick(&possible).copied()) {
            inject::inject(&cluster, fault).await;
        }
    }
}

/// Restarts servers that ended by themselves, as the host does; runs forever.
pub(crate) async fn restart_crashed(cluster: Arc<Cluster>) {
    loop {
        sleep(LOOK).await;
        let ended: Vec<usize> = lock(&cluster.servers)
            .iter()
            .enumerate()
            .filter(|(_, server)| server.has_ended())
            .map(|(number, _)| number)
            .collect();
        for number in ended {
            cluster.with_server(number, |server| server.crash(Disconnect::Process));
            cluster.start_server(number);
        }
    }
}

/// Heals all faults.
pub(crate) async fn heal_all(cluster: &Cluster) {
    let profile = &cluster.world.profile;
    for runner in 0..profile.runners {
        for server in 0..profile.servers {
            for up in [true, false] {
                cluster.net.heal(Route { runner, server, up });
            }
        }
        cluster.with_host(runner, |host| {
            host.silence.store(false, Ordering::SeqCst);
            host.fill_disk(false);
            host.platform.break_it(|faults| *faults = Faults::default());
            host.platform.use_cpu(CPU_TARGET);
        });
    }
    set_room(cluster, ALL_ROOM).await;
    for server in 0..profile.servers {
        cluster.with_server(server, |server| server.cut_off(false));
        cluster.start_server(server);
    }
    for runner in 0..profile.runners {
        cluster.start_runner(runner);
    }
    cluster.world.note("all faults are over");
}

fn possible(cluster: &Cluster) -> Vec<Fault> {
    let profile = &cluster.world.profile;
    [
        (profile.partitions, Fault::Partition),
        (profile.resets, Fault::Reset),
        (profile.server_crashes, Fault::ServerCrash),
        (profile.runner_crashes, Fault::RunnerCrash),
        (profile.reboots, Fault::Reboot),
        (profile.silence, Fault::Silence),
        (profile.database_away, Fault::DatabaseAway),
        (profile.server_disk, Fault::ServerDisk),
        (profile.runner_disk, Fault::RunnerDisk),
        (profile.app_crashes, Fault::AppCrash),
        (!profile.runner_skew.is_zero(), Fault::ClockJump),
        (profile.lost_hints, Fault::FalseAlarm),
    ]
    .into_iter()
    .filter_map(|(happens, fault)| happens.then_some(fault))
    .collect()
}

fn heal_after(
    cluster: &Arc<Cluster>,
    after: Duration,
    heal: impl FnOnce(&Cluster) + Send + 'static,
) {
    let cluster = Arc::clone(cluster);
    tokio::spawn(async move {
        sleep(after).await;
        heal(&cluster);
    });
}

/// Limits the number of pages of the database, but never below those in use.
async fn set_room(cluster: &Cluster, pages: i64) {
    let mut connection = cluster.connection().await;
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    let set = sqlx::query(sql).execute(&mut *connection);
    if let Err(error) = block_on(tokio::task::coop::unconstrained(set)) {
        cluster
            .world
            .violate(format!("the database broke: {error}"));
    }
}
