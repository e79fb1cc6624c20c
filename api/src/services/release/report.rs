//! What a runner says of a release.

use models::{
    deployment::{Failure, Fault, ReleasePhase},
    runner::ReleaseReport,
};

use super::{advance, told_anew};
use crate::{
    app::App,
    error::AppError,
    services::{deployment::changed, said},
    store::{self, observation::Reporter},
};

/// Takes a runner's word on where a release is.
///
/// A report about a release that is not this runner's, that has ended, or that would move
/// backwards changes nothing, and neither does one over a link that is not the runner's newest:
/// frames may come twice or late.
pub async fn report(app: &App, reporter: Reporter, report: ReleaseReport) -> Result<(), AppError> {
    let (deployment_id, release_id) = (report.deployment_id, report.release_id);
    let runner_id = reporter.runner_id;
    let mut tx = app.db.begin().await?;
    let located = store::deployment::locate_reported(&mut tx, deployment_id, reporter).await?;
    let Some(workspace_id) = located else {
        return Ok(());
    };
    let deployment = store::deployment::find_locked(&mut tx, workspace_id, deployment_id).await?;
    let found = store::release::of_runner(&mut tx, release_id, deployment_id, runner_id).await?;
    let Some(release) = found else {
        return Ok(());
    };
    let phase = release.phase()?;
    if phase.is_terminal() || !is_runners_to_say(report.phase) || report.phase < phase {
        return Ok(());
    }
    if let Some(digest) = &report.image_digest {
        store::release::set_digest(&mut tx, release_id, &said::message(digest)).await?;
    }
    if report.phase != phase {
        let failure = failure_of(&report);
        advance(app, &mut tx, release_id, report.phase, failure.as_ref()).await?;
        match report.phase {
            ReleasePhase::Live => {
                store::deployment::set_live(&mut tx, &deployment, &release).await?;
                told_anew(app, &mut tx, workspace_id, runner_id, deployment_id).await?;
            }
            ReleasePhase::Failed => {
                told_anew(app, &mut tx, workspace_id, runner_id, deployment_id).await?;
            }
            _ => {}
        }
    }
    if let Some(mut progress) = report.progress {
        progress.message = said::message(&progress.message);
        store::release::set_progress(&mut tx, release_id, report.phase, &progress).await?;
    }
    tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(())
}

/// Queued, cancelled and superseded are the server's own words.
fn is_runners_to_say(phase: ReleasePhase) -> bool {
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
        Some(failure) => said::failure(failure),
        None => Failure {
            fault: Fault::Platform,
            code: "unexplained".to_owned(),
            message: "The runner said that the release failed, but not why. Its own log may tell."
                .to_owned(),
        },
    })
}
