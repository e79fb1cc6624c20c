//! Deadlines of releases.

use std::time::Duration;

use models::deployment::{Failure, FailureCode, Fault, ReleasePhase};

use super::{advance, bump_and_notify};
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    store::{
        self,
        release::{Overdue, ReleaseUpdate},
    },
};

/// Interval of the check for overdue releases.
///
/// A release ends at most this long after its deadline.
pub const EXPIRE_INTERVAL: Duration = Duration::from_secs(5);
/// Extension of the deadline while the runner has no link, in milliseconds.
const AWAY_MS: i64 = 2 * 60 * 1000;
/// Largest age of a release whose deadline is extended, in milliseconds.
const LONGEST_AWAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Fails the releases whose phase took too long, so that every release ends.
///
/// A runner that started instances continues without a link, and a release that it made live
/// stays. So the server waits for the runner's report once the release is starting, until the
/// release is a day old.
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
    } = overdue;
    app.db
        .write(async |tx| {
            let deployment =
                store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
            let found = store::release::of(&mut *tx, &deployment, release_id).await?;
            let Some(release) = found else {
                return Ok(Abandon(()));
            };
            let phase = release.phase()?;
            let now = app.clock.now();
            // The release may have advanced since the list was read.
            if phase.is_terminal() || release.deadline_at().is_none_or(|at| at > now) {
                return Ok(Abandon(()));
            }
            let is_young = now < release.created_at().plus_millis(LONGEST_AWAY_MS);
            let may_wait = is_young && waits_for_runner(phase);
            if may_wait && !store::runner::is_linked(tx, deployment.runner_id(), now).await? {
                let until = now.plus_millis(AWAY_MS);
                store::release::postpone(tx, &deployment, release_id, until).await?;
                return Ok(Commit(()));
            }
            let update = ReleaseUpdate {
                failure: Some(too_late(phase)),
                ..ReleaseUpdate::default()
            };
            advance(app, tx, &deployment, release_id, ReleasePhase::Failed, &update).await?;
            bump_and_notify(app, tx, &deployment).await?;
            tx.after_commit(move || {
                tracing::info!(release.id = %release_id, ?phase, "a release timed out and was ended");
            });
            Ok(Commit(()))
        })
        .await
}

/// True if a runner can finish the release without a link.
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
            FailureCode::RunnerAway,
            "The runner did not accept the release in time. Check that it is connected, then deploy again.",
        ),
        ReleasePhase::Pulling => (
            Fault::Platform,
            FailureCode::PullTimeout,
            "The image was not pulled in time, or the runner disconnected during the pull. Deploy again; the layers pulled so far are kept.",
        ),
        ReleasePhase::Verifying => (
            Fault::User,
            FailureCode::NotReady,
            "The app was not verified in time. Check its log for the cause, then deploy again.",
        ),
        _ => (
            Fault::Platform,
            FailureCode::RunnerSilent,
            "The runner disconnected or stopped responding during the rollout. Check the runner, then deploy again.",
        ),
    };
    Failure {
        fault,
        code,
        message: message.to_owned(),
    }
}
