//! Reports on refused workloads.

use models::{
    deployment::{Failure, FailureCode, Fault, ReleasePhase},
    run::RunPhase,
    runner::{ReleaseReport, RunReport, RunnerFrame, Workload},
};

/// Reports that the workload's release or run failed.
///
/// `None` when it has no release, or one that was live before: its instances run on then.
pub(super) fn report(workload: &Workload, failure: Failure) -> Option<RunnerFrame> {
    let deployment_id = workload.deployment_id;
    if let Some(run) = &workload.run {
        return Some(RunnerFrame::Run(RunReport {
            deployment_id,
            run_id: run.run_id,
            phase: RunPhase::Failed,
            attempts: Vec::new(),
            progress: None,
            failure: Some(failure),
            image_digest: None,
        }));
    }
    let release = workload.release.as_ref().filter(|release| !release.live)?;
    Some(RunnerFrame::Release(ReleaseReport {
        deployment_id,
        release_id: release.release_id,
        phase: ReleasePhase::Failed,
        progress: None,
        failure: Some(failure),
        image_digest: None,
        image: None,
        image_source: None,
    }))
}

/// The failure of a specification that is not valid.
pub(super) fn invalid() -> Failure {
    Failure {
        fault: Fault::Platform,
        code: FailureCode::WorkloadInvalid,
        message: "The runner rejected this because its specification is not valid. Update the \
                  runner and try again."
            .to_owned(),
    }
}
