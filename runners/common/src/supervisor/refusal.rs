//! What the server hears of a workload that is not followed.

use models::{
    deployment::{Failure, Fault, ReleasePhase},
    runner::{ReleaseReport, Workload},
};

/// That its release failed; nothing when there is none, or when it was live before: then what runs of
/// it runs on.
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

/// It breaks the rules of what may run.
pub(super) fn invalid() -> Failure {
    Failure {
        fault: Fault::Platform,
        code: "workload_invalid".to_owned(),
        message: "The runner refused this release because it breaks the rules of what may run. \
                  Update the runner and deploy again."
            .to_owned(),
    }
}
