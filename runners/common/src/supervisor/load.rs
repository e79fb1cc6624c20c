//! Total load of a runner.

use std::collections::HashMap;

use models::{
    deployment::DesiredState,
    runner::{Workload, WorkloadId},
};
use tokio::sync::watch;

use crate::{policy::Load, reconcile::Desired};

/// Returns the load with one more workload.
///
/// A known deployment adds none to the number of deployments, and one without desired instances
/// adds no instances, so stopping and deleting never exceed a limit. A run is no deployment, and
/// one instance.
pub(super) fn with(
    desired: &HashMap<WorkloadId, watch::Sender<Desired>>,
    workload: &Workload,
) -> Load {
    let (id, wanted) = (workload.id(), instances(workload));
    let mut load = Load::default();
    if id.run_id.is_none() && !desired.contains_key(&id) {
        let known = desired.keys().filter(|other| other.run_id.is_none());
        load.deployments = u32::try_from(known.count() + 1).unwrap_or(u32::MAX);
    }
    if wanted > 0 {
        let others = desired.iter().filter(|(other, _)| **other != id);
        let others = others.map(|(_, desired)| match &*desired.borrow() {
            Desired::Present(other) => instances(other),
            Desired::Unknown | Desired::Absent => 0,
        });
        load.instances = others.fold(wanted, u32::saturating_add);
    }
    load
}

/// Returns the desired instance count of a workload.
fn instances(workload: &Workload) -> u32 {
    if workload.run.is_some() {
        return u32::from(workload.desired != DesiredState::Deleted);
    }
    match &workload.release {
        Some(release) if workload.desired == DesiredState::Running => release.spec.instances.into(),
        _ => 0,
    }
}
