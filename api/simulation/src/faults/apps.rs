//! Faults of apps: they exit, or do not start.

use std::time::Duration;

use runner_common::{
    Runner, RunnerError,
    conformance::{Subject, fake::FakeRunner},
};

use crate::cast::Cast;

/// Makes apps exit, now or later, or fail to start.
pub(super) async fn misbehave(cast: &Cast, runner: usize) {
    let world = &cast.world;
    let Some(platform) = cast.with_host(runner, |host| host.platform.clone()) else {
        return;
    };
    match world.draw(|chance| chance.below(4)) {
        0 => {
            let after = world.draw(|c| c.between(Duration::ZERO, Duration::from_secs(40)));
            let crash_after = Some(after).filter(|_| world.happens(0.5));
            platform.break_it(|faults| faults.crash_after = crash_after);
        }
        1 => platform.break_it(|faults| faults.ends_at_first += 1),
        2 => {
            let error = RunnerError::platform("port_taken", "No port is free.");
            platform.break_it(|faults| faults.starts.push_back(error));
        }
        _ => kill(cast, runner, 1).await,
    }
}

/// Kills some instances without their runner's involvement.
pub(super) async fn kill(cast: &Cast, runner: usize, count: usize) {
    let found = cast.with_host(runner, |host| (host.platform.clone(), host.runner_id));
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
