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

/// Ends the releases whose phase took too long, so that none is on its way for ever, whatever
/// died.
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
    // It may have moved on since the list was read.
    if phase.is_terminal() || release.deadline_at().is_none_or(|at| at > app.clock.now()) {
        return Ok(());
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
