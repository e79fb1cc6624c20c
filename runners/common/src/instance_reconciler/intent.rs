//! The intent of a workload: the part of its desired state that people control.

use models::{
    ReleaseId,
    deployment::DesiredState,
    runner::{Workload, WorkloadRelease},
};

/// The intent of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    desired: DesiredState,
    release_id: Option<ReleaseId>,
    instances: usize,
}

impl Intent {
    pub(super) fn of(workload: &Workload) -> Self {
        let release = workload.release.as_ref();
        Self {
            desired: workload.desired,
            release_id: release.map(|release| release.release_id),
            instances: release.map_or(0, WorkloadRelease::instance_count),
        }
    }

    /// True if only the instance count differs, which autoscaling changes too.
    pub(super) fn differs_only_in_scale(self, previous: Option<Self>) -> bool {
        previous.is_some_and(|previous| {
            let instances = self.instances;
            previous.instances != instances
                && self
                    == Self {
                        instances,
                        ..previous
                    }
        })
    }
}
