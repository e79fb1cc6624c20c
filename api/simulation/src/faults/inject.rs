//! The injection of one fault, and its end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::{ALL_ROOM, Fault, apps, heal_after, set_room};
use crate::{
    cluster::Cluster,
    net::{Disconnect, Route},
    runner::RunnerHost,
    server::Server,
};

/// The target and duration of a fault.
#[derive(Clone, Copy, Debug)]
struct Injection {
    server: usize,
    runner: usize,
    time: Duration,
    disconnect: Disconnect,
}

/// Injects a fault on a random target.
pub(super) async fn inject(cluster: &Arc<Cluster>, fault: Fault) {
    let world = &cluster.world;
    let injection = Injection {
        server: pick(cluster, world.profile.servers),
        runner: pick(cluster, world.profile.runners),
        time: world.draw(|rng| {
            let longest = *rng.pick(&[1, 10, 60, 150]).unwrap_or(&1);
            rng.between(Duration::ZERO, Duration::from_secs(longest))
        }),
        disconnect: if world.chance(0.7) {
            Disconnect::Process
        } else {
            Disconnect::Host
        },
    };
    world.note(&format!("fault: {fault:?}, {injection:?}"));
    match fault {
        Fault::Partition | Fault::Reset | Fault::FalseAlarm => network(cluster, fault, injection),
        Fault::ServerCrash | Fault::DatabaseAway | Fault::ServerDisk => {
            server(cluster, fault, injection).await;
        }
        _ => runner(cluster, fault, injection).await,
    }
}

fn pick(cluster: &Cluster, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(1);
    usize::try_from(cluster.world.draw(|rng| rng.below(count))).unwrap_or_default()
}

fn network(cluster: &Arc<Cluster>, fault: Fault, injection: Injection) {
    let Injection { server, runner, .. } = injection;
    match fault {
        Fault::Partition => {
            cluster.world.count("fault: partition");
            let directions = match pick(cluster, 3) {
                0 => vec![true],
                1 => vec![false],
                _ => vec![true, false],
            };
            for up in directions {
                let route = Route { runner, server, up };
                cluster.net.cut(route);
                heal_after(cluster, injection.time, move |cluster| {
                    cluster.net.heal(route);
                });
            }
        }
        Fault::Reset => {
            if cluster.net.break_one() {
                cluster.world.count("fault: connection broke");
            }
        }
        _ => {
            cluster.world.count("fault: false alarm");
            cluster.backend.exchange.alarm();
        }
    }
}

async fn server(cluster: &Arc<Cluster>, fault: Fault, injection: Injection) {
    let Injection { server, time, .. } = injection;
    match fault {
        Fault::DatabaseAway => {
            cluster.world.count("fault: database out of reach");
            cluster.with_server(server, |server| server.cut_off(true));
            heal_after(cluster, time, move |cluster| {
                cluster.with_server(server, |server| server.cut_off(false));
            });
        }
        Fault::ServerDisk => {
            cluster.world.count("fault: server's disk full");
            set_room(cluster, 1).await;
            let cluster = Arc::clone(cluster);
            tokio::spawn(async move {
                sleep(time).await;
                set_room(&cluster, ALL_ROOM).await;
            });
        }
        _ => {
            if cluster.world.chance(0.2) {
                cluster.world.count("fault: server stopped");
                cluster.with_server(server, Server::stop);
            } else {
                cluster.world.count("fault: server crash");
                cluster.with_server(server, |server| server.crash(injection.disconnect));
            }
            heal_after(cluster, time, move |cluster| cluster.start_server(server));
        }
    }
}

async fn runner(cluster: &Arc<Cluster>, fault: Fault, injection: Injection) {
    let Injection { runner, time, .. } = injection;
    match fault {
        Fault::RunnerCrash => {
            cluster.world.count("fault: runner crash");
            cluster.with_host(runner, |host| host.crash(injection.disconnect));
            heal_after(cluster, time, move |cluster| cluster.start_runner(runner));
        }
        Fault::Reboot => {
            cluster.world.count("fault: reboot");
            cluster.with_host(runner, |host| host.crash(Disconnect::Host));
            apps::kill(cluster, runner, usize::MAX).await;
            heal_after(cluster, time, move |cluster| cluster.start_runner(runner));
        }
        Fault::Silence => {
            cluster.world.count("fault: platform silent");
            for_a_time(cluster, injection, |host, is_silent| {
                host.silence.store(is_silent, Ordering::SeqCst);
            });
        }
        Fault::RunnerDisk => {
            cluster.world.count("fault: runner's disk full");
            for_a_time(cluster, injection, RunnerHost::fill_disk);
        }
        Fault::ClockJump => {
            cluster.world.count("fault: clock jump");
            let skew = skew(cluster);
            cluster.with_host(runner, |host| host.set_skew(skew));
        }
        _ => {
            cluster.world.count("fault: app crash");
            apps::crash_apps(cluster, runner).await;
        }
    }
}

/// Sets a condition on a runner's host, and clears it after a time.
fn for_a_time(cluster: &Arc<Cluster>, injection: Injection, set: fn(&RunnerHost, bool)) {
    let runner = injection.runner;
    cluster.with_host(runner, |host| set(host, true));
    heal_after(cluster, injection.time, move |cluster| {
        cluster.with_host(runner, |host| set(host, false));
    });
}

fn skew(cluster: &Cluster) -> i64 {
    let longest = cluster.world.profile.runner_skew;
    let drawn = cluster
        .world
        .draw(|rng| rng.between(Duration::ZERO, longest * 2));
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or_default();
    millis(drawn) - millis(longest)
}
