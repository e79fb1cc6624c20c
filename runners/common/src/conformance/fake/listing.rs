//! Listings of the platform in memory: its instances as a runner sees them.

use models::{RunnerId, deployment::ImageCheckUse};

use super::{
    mark,
    platform::{FakeInstance, State},
};
use crate::{
    owner::Owner,
    platform::{Health, HealthStatus, PlatformInstance, PlatformState},
};

/// Lists the instances of a runner that have the right ownership mark.
pub(super) fn of_runner(
    state: &State,
    marks: Option<&Owner>,
    runner_id: RunnerId,
) -> Vec<PlatformInstance> {
    let lies = state.faults.lies;
    let mine = state.instances.values();
    let mine = mine.filter(|instance| {
        instance.spec.key.runner_id == runner_id
            && mark::is_right(
                marks,
                &mark::parts(&instance.spec.key),
                instance.mark.as_deref(),
            )
    });
    let seen = mine.map(|instance| PlatformInstance {
        key: instance.spec.key,
        state: if lies {
            PlatformState::Running
        } else {
            seen_state(instance, state.faults.health.as_ref())
        },
        ports: instance.ports.clone(),
        started_at: instance.started_at,
        volumes: instance.volumes(),
        network: instance.spec.network.clone(),
        health: health(instance, state.faults.health.as_ref()),
    });
    seen.collect()
}

fn health(instance: &FakeInstance, says: Option<&Health>) -> Option<Health> {
    let counts = instance.spec.spec.image_health_check == ImageCheckUse::Use;
    says.filter(|_| counts && instance.state.is_up()).cloned()
}

fn seen_state(instance: &FakeInstance, says: Option<&Health>) -> PlatformState {
    match health(instance, says) {
        Some(health) if health.status == HealthStatus::Unhealthy => PlatformState::Unhealthy,
        _ => instance.state,
    }
}
