//! Faults, at any time, and their end.

mod apps;
mod strike;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::executor::block_on;
use runner_common::conformance::fake::Faults;
use tokio::time::sleep;

use crate::{
    cast::Cast,
    net::{Gone, Way},
    people::CPU_TARGET,
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

/// Injects faults until the unrest is over.
pub(crate) async fn happen(cast: Arc<Cast>) {
    let world = &cast.world;
    let possible = possible(&cast);
    while world.elapsed() < world.nature.unrest {
        world.wait(Duration::ZERO, world.nature.fault_within).await;
        if let Some(fault) = world.draw(|chance| chance.pick(&possible).copied()) {
            strike::strike(&cast, fault).await;
        }
    }
}

/// Restarts servers that ended by themselves, as the host does; runs forever.
pub(crate) async fn revive(cast: Arc<Cast>) {
    loop {
        sleep(LOOK).await;
        let ended: Vec<usize> = lock(&cast.servers)
            .iter()
            .enumerate()
            .filter(|(_, server)| server.has_ended())
            .map(|(number, _)| number)
            .collect();
        for number in ended {
            cast.with_server(number, |server| server.crash(Gone::Process));
            cast.start_server(number);
        }
    }
}

/// Heals all faults.
pub(crate) async fn end(cast: &Cast) {
    let nature = &cast.world.nature;
    for runner in 0..nature.runners {
        for server in 0..nature.servers {
            for up in [true, false] {
                cast.net.heal(Way { runner, server, up });
            }
        }
        cast.with_host(runner, |host| {
            host.silence.store(false, Ordering::SeqCst);
            host.fill_disk(false);
            host.platform.break_it(|faults| *faults = Faults::default());
            host.platform.use_cpu(CPU_TARGET);
        });
    }
    set_room(cast, ALL_ROOM).await;
    for server in 0..nature.servers {
        cast.with_server(server, |server| server.cut_off(false));
        cast.start_server(server);
    }
    for runner in 0..nature.runners {
        cast.start_runner(runner);
    }
    cast.world.note("all faults are over");
}

fn possible(cast: &Cast) -> Vec<Fault> {
    let nature = &cast.world.nature;
    [
        (nature.partitions, Fault::Partition),
        (nature.resets, Fault::Reset),
        (nature.server_crashes, Fault::ServerCrash),
        (nature.runner_crashes, Fault::RunnerCrash),
        (nature.reboots, Fault::Reboot),
        (nature.silence, Fault::Silence),
        (nature.database_away, Fault::DatabaseAway),
        (nature.server_disk, Fault::ServerDisk),
        (nature.runner_disk, Fault::RunnerDisk),
        (nature.app_crashes, Fault::AppCrash),
        (!nature.runner_skew.is_zero(), Fault::ClockJump),
        (nature.lost_hints, Fault::FalseAlarm),
    ]
    .into_iter()
    .filter_map(|(happens, fault)| happens.then_some(fault))
    .collect()
}

fn later(cast: &Arc<Cast>, after: Duration, mend: impl FnOnce(&Cast) + Send + 'static) {
    let cast = Arc::clone(cast);
    tokio::spawn(async move {
        sleep(after).await;
        mend(&cast);
    });
}

/// Limits the number of pages of the database, but never below those in use.
async fn set_room(cast: &Cast, pages: i64) {
    let mut connection = cast.connection().await;
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    let set = sqlx::query(sql).execute(&mut *connection);
    if let Err(error) = block_on(tokio::task::coop::unconstrained(set)) {
        cast.world.broke(format!("the database broke: {error}"));
    }
}
