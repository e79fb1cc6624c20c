//! Removal of private networks that nothing needs.

use std::collections::HashSet;

use models::{EnvironmentId, deployment::DesiredState, runner::Workload};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use super::context::Context;
use crate::platform::InstancePlatform;

/// Removes unused networks at intervals, forever.
///
/// The first time is at the start: the last process may have ended before it removed one.
pub(super) async fn prune<P: InstancePlatform>(context: &Context<P>) {
    if !context.agent.capabilities.private_networks {
        return;
    }
    let mut ticks = interval(context.agent.timings.network_check);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let needed = needed(context);
        let platform = &context.platform;
        match platform
            .prune_networks(context.agent.runner_id, &needed)
            .await
        {
            Ok(0) => {}
            Ok(removed) => info!(removed, "removed unused private networks"),
            Err(error) => warn!(
                %error.code,
                error = %error,
                source = ?error.source,
                "failed to remove unused private networks"
            ),
        }
    }
}

/// Returns the environments of all workloads that should run.
fn needed<P>(context: &Context<P>) -> HashSet<EnvironmentId> {
    let stored = context.agent.desired_cache.workloads();
    let environment = |workload: &Workload| {
        let network = workload.network.as_ref()?;
        (workload.desired == DesiredState::Running).then_some(network.environment_id)
    };
    stored
        .iter()
        .filter_map(|stored| environment(&stored.desired))
        .collect()
}
