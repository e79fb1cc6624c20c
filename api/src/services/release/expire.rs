//! The end of releases that take too long.

use models::deployment::{Failure, Fault, ReleasePhase};

use super::{advance, told_anew};
use crate::{
    app::App,
    error::AppError,
    services::deployment::changed,
    store::{
        self,
        release::{Overdue, Told},
    },
};

/// The time that a runner without a link is given once more, and again, in milliseconds.
const AWAY_MS: i64 = 2 * 60 * 1000;
/// The longest that the end of a release waits for a runner without a link, in milliseconds.
const LONGEST_AWAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Ends the releases whose phase took too long, so that none is on its way for ever, whatever
/// died.
///
/// A runner that has an instance goes on without a link, and what it made live stays. So the end of a
/// release that it has begun to start waits for its word, for a day at most.
pub async fn expire_overdue(app: &App) -> Result<(), AppError> {
    for overdue in store::release::overdue(&app.db, app.clock.now()).await? {
        expire(app, overdue).await?;
    }
    Ok(())
}

async fn expire(app: &App, overdue: Overdue) -> Result<(), AppError> {
    let Overdue {
        release_id,
        deployment_id,
        workspace_id,
        runner_id,
        ..
    } = overdue;
    let mut tx = app.db.begin().await?;
    store::deployment::find_locked(&mut tx, workspace_id, deployment_id).await?;
    let release = store::release::find(&mut tx, release_id).await?;
    let phase = release.phase()?;
    let now = app.clock.now();
    // It may have moved on since the list was read.
    if phase.is_terminal() || release.deadline_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    if waits_for_runner(phase) && !store::runner::is_linked(&mut tx, runner_id, now).await? {
        let begun_at = release.created_at();
        if now < begun_at.plus_millis(LONGEST_AWAY_MS) {
            store::release::postpone(&mut tx, release_id, now.plus_millis(AWAY_MS)).await?;
            return Ok(tx.commit().await?);
        }
    }
    let told = Told {
        failure: Some(too_late(phase)),
        ..Told::default()
    };
    advance(app, &mut tx, release_id, ReleasePhase::Failed, &told).await?;
    told_anew(app, &mut tx, workspace_id, runner_id, deployment_id).await?;
    tx.commit().await?;
    tracing::info!(release.id = %release_id, ?phase, "a release took too long and was ended");
    changed(app, workspace_id, deployment_id);
    Ok(())
}

/// True when a runner can bring the release to its end without a link.
const fn waits_for_runner(phase: ReleasePhase) -> bool {
    matches!(
        phase,
        ReleasePhase::Starting | ReleasePhase::Verifying | ReleasePhase::Switching
    )
}

fn too_late(phase: ReleasePhase) -> Failure {
    let (fault, code, message) = match phase {
        ReleasePhase::Queued => (
            Fault::Platform,
            "runner_away",
            "The runner did not take the release in time. Check that it is connected, then deploy again.",
        ),
        ReleasePhase::Pulling => (
            Fault::Platform,
            "pull_timeout",
            "The image did not arrive in time, or the runner went away while it was pulled. Deploy again; what was pulled already is kept.",
        ),
        ReleasePhase::Verifying => (
            Fault::User,
            "not_ready",
            "The app did not show in time that it works. Its log may tell why.",
        ),
        _ => (
            Fault::Platform,
            "runner_silent",
            "The runner went away or got stuck while it put the release in place. Check the runner, then deploy again.",
        ),
    };
    Failure {
        fault,
        code: code.to_owned(),
        message: message.to_owned(),
    }
}
