//! Runners' reports on releases.

use models::{
    deployment::{Failure, FailureCode, Fault, ImageDescription, ReleasePhase},
    runner::ReleaseReport,
};

use super::{advance, bump_and_notify, settings};
use crate::{
    app::App,
    db::{Abandon, Commit, Tx},
    error::AppError,
    services::{deployment::changed, untrusted_text, volume},
    store::{
        self,
        deployment::LockedDeployment,
        observation::Reporter,
        release::{Release, ReleaseUpdate},
    },
};

/// Applies a runner's report on a release.
///
/// Frames may arrive twice or late. So a report changes nothing if the release is not this
/// runner's, has ended, or would move backwards, or if the link is not the runner's newest.
pub async fn report(app: &App, reporter: Reporter, report: ReleaseReport) -> Result<(), AppError> {
    let (deployment_id, release_id) = (report.deployment_id, report.release_id);
    let update = update_of(&report);
    app.db
        .write(async |tx| {
            let locked = store::deployment::lock_reported(tx, deployment_id, reporter).await?;
            let Some(deployment) = locked else {
                return Ok(Abandon(()));
            };
            let found = store::release::of(&mut *tx, &deployment, release_id).await?;
            let Some(release) = found else {
                return Ok(Abandon(()));
            };
            let phase = release.phase()?;
            if phase.is_terminal() || !is_runner_phase(report.phase) || report.phase < phase {
                return Ok(Abandon(()));
            }
            if report.phase == phase {
                store::release::record_progress(tx, &deployment, release_id, &update).await?;
            } else {
                advance(app, tx, &deployment, release_id, report.phase, &update).await?;
            }
            if report.phase == ReleasePhase::Live {
                become_live(app, tx, &deployment, &release).await?;
            }
            if report.phase.is_terminal() {
                bump_and_notify(app, tx, &deployment).await?;
            } else {
                changed(app, tx, deployment.workspace_id(), deployment_id);
            }
            Ok(Commit(()))
        })
        .await
}

/// Makes a release the live one of its deployment.
async fn become_live(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release: &Release,
) -> Result<(), AppError> {
    store::deployment::set_live(tx, deployment, release).await?;
    volume::put_in_use(app, tx, deployment.runner_id(), release.spec()).await?;
    if release.changes_settings() {
        settings::apply_to_deployment(app, tx, deployment, release).await?;
    }
    Ok(())
}

fn update_of(report: &ReleaseReport) -> ReleaseUpdate {
    ReleaseUpdate {
        image_digest: report.image_digest.clone(),
        image: report
            .image
            .as_deref()
            .cloned()
            .map(ImageDescription::truncated),
        image_source: report.image_source,
        progress: report
            .progress
            .as_ref()
            .map(untrusted_text::sanitize_progress),
        failure: failure_of(report),
    }
}

/// True for phases that a runner may report.
///
/// Queued, canceled and superseded are for the server alone.
fn is_runner_phase(phase: ReleasePhase) -> bool {
    !matches!(
        phase,
        ReleasePhase::Queued | ReleasePhase::Cancelled | ReleasePhase::Superseded
    )
}

fn failure_of(report: &ReleaseReport) -> Option<Failure> {
    if report.phase != ReleasePhase::Failed {
        return None;
    }
    Some(match &report.failure {
        Some(failure) => untrusted_text::sanitize_failure(failure),
        None => Failure {
            fault: Fault::Platform,
            code: FailureCode::Unexplained,
            message: "The runner reported that the release failed, but gave no reason. Check the \
                      runner's log."
                .to_owned(),
        },
    })
}
