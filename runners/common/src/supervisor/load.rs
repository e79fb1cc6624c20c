//! How much a runner would have in all.

use std::collections::HashMap;

use models::{DeploymentId, deployment::DesiredState, runner::Workload};
use tokio::sync::watch;

use crate::{deployment::Wish, policy::Load};

/// What a workload brings beside all that is wished for already. A deployment that is known brings no
/// other one, and what is to have no instances brings none, so that stopping and deleting are never
/// too much.
pub(super) fn with(
    wishes: &HashMap<DeploymentId, watch::Sender<Wish>>,
    workload: &Workload,
) -> Load {
    let (id, wanted) = (workload.deployment_id, instances(workload));
    let mut load = Load::default();
    if !wishes.contains_key(&id) {
        load.deployments = u32::try_from(wishes.len() + 1).unwrap_or(u32::MAX);
    }
    if wanted > 0 {
        let others = wishes.iter().filter(|(other, _)| **other != id);
        let others = others.map(|(_, wish)| match &*wish.borrow() {
            Wish::Workload(other) => instances(other),
            Wish::Untold | Wish::Absent => 0,
        });
        load.instances = others.fold(wanted, u32::saturating_add);
    }
    load
}

/// How many instances a workload is to have.
fn instances(workload: &Workload) -> u32 {
    match &workload.release {
        Some(release) if workload.desired == DesiredState::Running => release.spec.instances.into(),
        _ => 0,
    }
}
