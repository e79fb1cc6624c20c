//! Reports on refused workloads.

use models::{
    deployment::{Failure, FailureCode, Fault, ReleasePhase},
    runner::{ReleaseReport, Workload},
};

/// Reports that the workload's release failed.
///
/// `None` when it has no release, or one that was live before: its instances run on then.
pub(super) fn report(workload: &Workload, failure: Failure) -> Option<ReleaseReport> {
    let release = workload.release.as_ref().filter(|release| !release.live)?;
    Some(ReleaseReport {
        deployment_id: workload.deployment_id,
        release_id: release.release_id,
        phase: ReleasePhase::Failed,
        progress: None,
        failure: Some(failure),
        image_digest: None,
        image: None,
        image_source: None,
    })
}

/// The failure of a specification that is not valid.
pub(super) fn invalid() -> Failure {
    Failure {
        fault: Fault::Platform,
        code: FailureCode::WorkloadInvalid,
        message: "The runner rejected this release because its specification is not valid. Update \
                  the runner and deploy again."
            .to_owned(),
    }
}
