//! The injection of one fault, and its end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::sleep;

use super::{ALL_ROOM, Fault, apps, later, set_room};
use crate::{
    cast::Cast,
    net::{Gone, Way},
    runner::Host,
    server::Server,
};

/// The target and duration of a fault.
#[derive(Clone, Copy, Debug)]
struct Blow {
    server: usize,
    runner: usize,
    time: Duration,
    gone: Gone,
}

/// Injects a fault on a random target.
pub(super) async fn strike(cast: &Arc<Cast>, fault: Fault) {
    let world = &cast.world;
    let blow = Blow {
        server: pick(cast, world.nature.servers),
        runner: pick(cast, world.nature.runners),
        time: world.draw(|chance| {
            let longest = *chance.pick(&[1, 10, 60, 150]).unwrap_or(&1);
            chance.between(Duration::ZERO, Duration::from_secs(longest))
        }),
        gone: if world.happens(0.7) {
            Gone::Process
        } else {
            Gone::Machine
        },
    };
    world.note(&format!("fault: {fault:?}, {blow:?}"));
    match fault {
        Fault::Partition | Fault::Reset | Fault::FalseAlarm => network(cast, fault, blow),
        Fault::ServerCrash | Fault::DatabaseAway | Fault::ServerDisk => {
            server(cast, fault, blow).await;
        }
        _ => runner(cast, fault, blow).await,
    }
}

fn pick(cast: &Cast, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(1);
    usize::try_from(cast.world.draw(|chance| chance.below(count))).unwrap_or_default()
}

fn network(cast: &Arc<Cast>, fault: Fault, blow: Blow) {
    let Blow { server, runner, .. } = blow;
    match fault {
        Fault::Partition => {
            cast.world.count("fault: partition");
            let ways = match pick(cast, 3) {
                0 => vec![true],
                1 => vec![false],
                _ => vec![true, false],
            };
            for up in ways {
                let way = Way { runner, server, up };
                cast.net.cut(way);
                later(cast, blow.time, move |cast| cast.net.heal(way));
            }
        }
        Fault::Reset => {
            if cast.net.break_one() {
                cast.world.count("fault: connection broke");
            }
        }
        _ => {
            cast.world.count("fault: false alarm");
            cast.installation.exchange.alarm();
        }
    }
}

async fn server(cast: &Arc<Cast>, fault: Fault, blow: Blow) {
    let Blow { server, time, .. } = blow;
    match fault {
        Fault::DatabaseAway => {
            cast.world.count("fault: database out of reach");
            cast.with_server(server, |server| server.cut_off(true));
            later(cast, time, move |cast| {
                cast.with_server(server, |server| server.cut_off(false));
            });
        }
        Fault::ServerDisk => {
            cast.world.count("fault: server's disk full");
            set_room(cast, 1).await;
            let cast = Arc::clone(cast);
            tokio::spawn(async move {
                sleep(time).await;
                set_room(&cast, ALL_ROOM).await;
            });
        }
        _ => {
            if cast.world.happens(0.2) {
                cast.world.count("fault: server stopped");
                cast.with_server(server, Server::stop);
            } else {
                cast.world.count("fault: server crash");
                cast.with_server(server, |server| server.crash(blow.gone));
            }
            later(cast, time, move |cast| cast.start_server(server));
        }
    }
}

async fn runner(cast: &Arc<Cast>, fault: Fault, blow: Blow) {
    let Blow { runner, time, .. } = blow;
    match fault {
        Fault::RunnerCrash => {
            cast.world.count("fault: runner crash");
            cast.with_host(runner, |host| host.crash(blow.gone));
            later(cast, time, move |cast| cast.start_runner(runner));
        }
        Fault::Reboot => {
            cast.world.count("fault: reboot");
            cast.with_host(runner, |host| host.crash(Gone::Machine));
            apps::kill(cast, runner, usize::MAX).await;
            later(cast, time, move |cast| cast.start_runner(runner));
        }
        Fault::Silence => {
            cast.world.count("fault: platform silent");
            for_a_time(cast, blow, |host, is_silent| {
                host.silence.store(is_silent, Ordering::SeqCst);
            });
        }
        Fault::RunnerDisk => {
            cast.world.count("fault: runner's disk full");
            for_a_time(cast, blow, Host::fill_disk);
        }
        Fault::ClockJump => {
            cast.world.count("fault: clock jump");
            let skew = skew(cast);
            cast.with_host(runner, |host| host.set_skew(skew));
        }
        _ => {
            cast.world.count("fault: app crash");
            apps::misbehave(cast, runner).await;
        }
    }
}

/// Sets a condition on a runner's host, and clears it after a time.
fn for_a_time(cast: &Arc<Cast>, blow: Blow, set: fn(&Host, bool)) {
    let runner = blow.runner;
    cast.with_host(runner, |host| set(host, true));
    later(cast, blow.time, move |cast| {
        cast.with_host(runner, |host| set(host, false));
    });
}

fn skew(cast: &Cast) -> i64 {
    let longest = cast.world.nature.runner_skew;
    let drawn = cast
        .world
        .draw(|chance| chance.between(Duration::ZERO, longest * 2));
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or_default();
    millis(drawn) - millis(longest)
}
