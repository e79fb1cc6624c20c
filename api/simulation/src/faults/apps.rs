//! Faults of apps: they exit, or do not start.

use models::deployment::FailureCode;
use std::time::Duration;

use runner_common::{
    InstancePlatform, RunnerError,
    conformance::{Subject, fake::FakeRunner},
};

use crate::cluster::Cluster;

/// Makes apps exit, now or later, or fail to start.
pub(super) async fn crash_apps(cluster: &Cluster, runner: usize) {
    let world = &cluster.world;
    let Some(platform) = cluster.with_host(runner, |host| host.platform.clone()) else {
        return;
    };
    match world.draw(|rng| rng.below(4)) {
        0 => {
            let after = world.draw(|c| c.between(Duration::ZERO, Duration::from_secs(40)));
            let crash_after = Some(after).filter(|_| world.chance(0.5));
            platform.break_it(|faults| faults.crash_after = crash_after);
        }
        1 => platform.break_it(|faults| faults.ends_at_first += 1),
        2 => {
            let error = RunnerError::platform(FailureCode::PortTaken, "No port is free.");
            platform.break_it(|faults| faults.starts.push_back(error));
        }
        _ => kill(cluster, runner, 1).await,
    }
}

/// Kills some instances without their runner's involvement.
pub(super) async fn kill(cluster: &Cluster, runner: usize, count: usize) {
    let found = cluster.with_host(runner, |host| (host.platform.clone(), host.runner_id));
    let Some((platform, runner_id)) = found else {
        return;
    };
    let there = FakeRunner::new(platform.clone());
    let listed = there.instances(runner_id).await;
    for instance in listed.unwrap_or_default().iter().take(count) {
        if instance.state.is_up() {
            platform.kill(&instance.key).await;
        }
    }
}
