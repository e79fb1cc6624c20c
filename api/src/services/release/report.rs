//! Runners' reports on releases.

use models::{
    deployment::{Failure, Fault, ImageDescription, ReleasePhase},
    runner::ReleaseReport,
};

use super::{advance, bump_and_notify, settings};
use crate::{
    app::App,
    error::AppError,
    services::{deployment::changed, untrusted_text, volume},
    store::{self, observation::Reporter, release::ReleaseUpdate},
};

/// Applies a runner's report on a release.
///
/// Frames may arrive twice or late. So a report changes nothing if the release is not this
/// runner's, has ended, or would move backwards, or if the link is not the runner's newest.
pub async fn report(app: &App, reporter: Reporter, report: ReleaseReport) -> Result<(), AppError> {
    let (deployment_id, release_id) = (report.deployment_id, report.release_id);
    let runner_id = reporter.runner_id;
    let mut tx = app.db.begin().await?;
    let locked = store::deployment::lock_reported(&mut tx, deployment_id, reporter).await?;
    let Some(workspace_id) = locked else {
        return Ok(());
    };
    let found = store::release::of_runner(&mut tx, release_id, deployment_id, runner_id).await?;
    let Some(release) = found else {
        return Ok(());
    };
    let phase = release.phase()?;
    if phase.is_terminal() || !is_runner_phase(report.phase) || report.phase < phase {
        return Ok(());
    }
    let update = ReleaseUpdate {
        image_digest: report
            .image_digest
            .as_deref()
            .map(untrusted_text::sanitize_message),
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
        failure: failure_of(&report),
    };
    if report.phase == phase {
        store::release::record_progress(&mut tx, release_id, &update).await?;
    } else {
        advance(app, &mut tx, release_id, report.phase, &update).await?;
    }
    if report.phase == ReleasePhase::Live {
        let deployment = store::deployment::find(&mut tx, workspace_id, deployment_id).await?;
        store::deployment::set_live(&mut tx, &deployment, &release).await?;
        volume::put_in_use(app, &mut tx, runner_id, release.spec()).await?;
        if release.changes_settings() {
            settings::apply_to_deployment(app, &mut tx, &deployment, &release).await?;
        }
    }
    if report.phase.is_terminal() {
        bump_and_notify(app, &mut tx, workspace_id, runner_id, deployment_id).await?;
    }
    tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(())
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
            code: "unexplained".to_owned(),
            message: "The runner reported that the release failed, but gave no reason. Check the \
                      runner's log."
                .to_owned(),
        },
    })
}
