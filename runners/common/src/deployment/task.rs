//! What was asked for, as far as it is people who ask.

use models::{
    ReleaseId,
    deployment::DesiredState,
    runner::{Workload, WorkloadRelease},
};

/// What a workload asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    desired: DesiredState,
    release_id: Option<ReleaseId>,
    instances: usize,
}

impl Task {
    pub(super) fn of(workload: &Workload) -> Self {
        let release = workload.release.as_ref();
        Self {
            desired: workload.desired,
            release_id: release.map(|release| release.release_id),
            instances: release.map_or(0, WorkloadRelease::wanted),
        }
    }

    /// Whether all that differs is how many instances there should be: nobody asked for anything.
    pub(super) fn only_scales(self, before: Option<Self>) -> bool {
        before.is_some_and(|before| {
            let instances = self.instances;
            before.instances != instances
                && self
                    == Self {
                        instances,
                        ..before
                    }
        })
    }
}
