//! Releases: they are made, move forward, and end; none outlives its deadline.

use models::{
    DeploymentId, ReleaseId, RunnerId, UserId, WorkspaceId,
    deployment::{DesiredState, Failure, Fault, Release, ReleasePhase, ReleaseReason, Spec},
    error::ErrorCode,
    page::{Page, PageQuery},
    runner::ReleaseReport,
};

use super::{confidential, deployment::changed, rows_wanted, said, secret, volume};
use crate::{
    app::App,
    db::{Source, Tx},
    error::AppError,
    http::SignedIn,
    jobs::Job,
    store::{
        self,
        release::{NewRelease, Overdue},
    },
};

/// What a release is to be made of, and why.
pub(super) struct Making<'a> {
    pub(super) spec: &'a Spec,
    pub(super) reason: ReleaseReason,
    /// The digest that is run, whatever the image's tag means by now; what the runner finds when
    /// absent.
    pub(super) digest: Option<&'a str>,
    /// The release that it repeats.
    pub(super) repeats: Option<&'a store::release::Release>,
}

/// Who makes a release.
pub(super) struct Author<'a> {
    user_id: Option<UserId>,
    name: &'a str,
}

impl Author<'_> {
    /// Nobody: a tag moved.
    pub(super) const PUSH: Self = Self {
        user_id: None,
        name: "push",
    };
}

impl<'a> From<&'a SignedIn> for Author<'a> {
    fn from(actor: &'a SignedIn) -> Self {
        Self {
            user_id: Some(actor.user_id),
            name: &actor.name,
        }
    }
}

impl<'a> Making<'a> {
    /// What the settings say.
    pub(super) const fn of_settings(
        spec: &'a Spec,
        reason: ReleaseReason,
        digest: Option<&'a str>,
    ) -> Self {
        Self {
            spec,
            reason,
            digest,
            repeats: None,
        }
    }
}

/// Makes a release of a specification; one that is on its way is superseded.
pub(super) async fn create(
    app: &App,
    tx: &mut Tx,
    by: impl Into<Author<'_>>,
    deployment: &store::deployment::Deployment,
    making: Making<'_>,
) -> Result<ReleaseId, AppError> {
    let deployment_id = deployment.deployment_id();
    let workspace_id = deployment.workspace_id();
    let now = app.clock.now();
    let by = by.into();
    let mut starts = deployment.desired()? == DesiredState::Stopped;
    if let Some(older) = store::release::under_way(&mut *tx, deployment_id).await? {
        starts |= older.starts();
        let superseded = ReleasePhase::Superseded;
        store::release::advance(tx, older.release_id(), superseded, None, now).await?;
    }
    let release_id = ReleaseId::from_uuid(app.ids.next());
    let key = confidential::data_key(app, &mut *tx, workspace_id).await?;
    let filled_in = match making.repeats {
        // It has the values of then.
        Some(_) => making.spec.clone(),
        None => secret::filled_in(app, &mut *tx, workspace_id, making.spec).await?,
    };
    let (spec, sealed_confidential) =
        confidential::seal(&key, workspace_id, release_id.uuid(), &filled_in)?;
    let number = store::deployment::take_release_number(tx, deployment_id).await?;
    let release = NewRelease {
        release_id,
        deployment_id,
        number,
        deadline_at: ReleasePhase::Queued
            .deadline_ms()
            .map(|ms| now.plus_millis(ms)),
        spec: &spec,
        sealed_confidential: &sealed_confidential,
        image_digest: making.digest,
        reason: making.reason,
        repeats: making.repeats.map(|old| old.number),
        starts,
        created_by: by.user_id,
        created_by_name: by.name,
        at: now,
    };
    store::release::insert(tx, release).await?;
    store::deployment::next_generation(tx, deployment_id).await?;
    Ok(release_id)
}

/// Cancels the release that is on its way, if there is one.
pub(super) async fn cancel_under_way(
    app: &App,
    tx: &mut Tx,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    if let Some(release) = store::release::under_way(&mut *tx, deployment_id).await? {
        let now = app.clock.now();
        let cancelled = ReleasePhase::Cancelled;
        store::release::advance(tx, release.release_id(), cancelled, None, now).await?;
    }
    Ok(())
}

/// Takes back a release that is on its way, and what it did to the deployment: one that was stopped
/// until then is stopped again.
pub async fn cancel(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    let deployment = store::deployment::find_locked(&mut tx, workspace_id, deployment_id).await?;
    let release = store::release::find_of(&mut tx, workspace_id, deployment_id, release_id).await?;
    let (cancelled, now) = (ReleasePhase::Cancelled, app.clock.now());
    if !store::release::advance(&mut tx, release_id, cancelled, None, now).await? {
        return Err(ErrorCode::ReleaseEnded.into());
    }
    if release.starts() {
        store::deployment::set_desired(&mut tx, deployment_id, DesiredState::Stopped, now).await?;
    }
    told_anew(
        app,
        &mut tx,
        workspace_id,
        deployment.runner_id(),
        deployment_id,
    )
    .await?;
    tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(())
}

/// A release, and the one before it.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<(Release, Option<Release>), AppError> {
    let row = store::release::find_of(&app.db, workspace_id, deployment_id, release_id).await?;
    let before = store::release::list(&app.db, workspace_id, deployment_id, row.number, 1).await?;
    let previous = match before.rows.first() {
        Some(row) => Some(read(app, &app.db, workspace_id, row).await?),
        None => None,
    };
    Ok((read(app, &app.db, workspace_id, &row).await?, previous))
}

/// What a release runs, whole: with the values of its secrets.
pub(super) async fn spec_of(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    row: &store::release::Release,
) -> Result<Spec, AppError> {
    let key = confidential::data_key(app, source, workspace_id).await?;
    confidential::open(
        &key,
        workspace_id,
        row.release_id().uuid(),
        row.spec(),
        &row.sealed_confidential,
    )
}

/// Takes a runner's word on where a release is.
///
/// A report about a release that is not this runner's, that has ended, or that would move
/// backwards changes nothing: frames may come twice or late.
pub async fn report(app: &App, runner_id: RunnerId, report: ReleaseReport) -> Result<(), AppError> {
    let (deployment_id, release_id) = (report.deployment_id, report.release_id);
    let mut tx = app.db.begin().await?;
    let Some(workspace_id) = store::deployment::locate(&mut tx, deployment_id, runner_id).await?
    else {
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
        store::release::advance(
            &mut tx,
            release_id,
            report.phase,
            failure.as_ref(),
            app.clock.now(),
        )
        .await?;
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
    let now = app.clock.now();
    let phase = release.phase()?;
    // It may have moved on since the list was read.
    if phase.is_terminal() || release.deadline_at().is_none_or(|at| at > now) {
        return Ok(());
    }
    let failure = too_late(phase);
    let failed = ReleasePhase::Failed;
    store::release::advance(&mut tx, release_id, failed, Some(&failure), now).await?;
    told_anew(app, &mut tx, workspace_id, runner_id, deployment_id).await?;
    tx.commit().await?;
    tracing::info!(release.id = %release_id, ?phase, "a release took too long and was ended");
    changed(app, workspace_id, deployment_id);
    Ok(())
}

/// What a runner should do has changed; it is told by a job of the same transaction.
pub(super) async fn told_anew(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    volume::let_go(tx, workspace_id, deployment_id).await?;
    store::deployment::next_generation(tx, deployment_id).await?;
    let job = Job::NotifyRunner {
        runner_id,
        deployment_id,
    };
    app.jobs.enqueue(tx, &job).await?;
    Ok(())
}

/// A workspace's deployment's releases, the newest first.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &PageQuery,
) -> Result<Page<Release>, AppError> {
    // The list of a deployment that is not there is not empty, it is not found.
    store::deployment::find(&app.db, workspace_id, deployment_id).await?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.0.parse().map_err(|_| ErrorCode::CursorInvalid)?,
    };
    let rows = store::release::list(
        &app.db,
        workspace_id,
        deployment_id,
        before,
        rows_wanted(query),
    )
    .await?;
    let mut items = Vec::with_capacity(rows.rows.len());
    for row in rows.rows {
        items.push(read(app, &app.db, workspace_id, &row).await?);
    }
    let rows = store::Rows {
        rows: items,
        total: rows.total,
    };
    super::page(rows, query, |last: &Release| last.number.to_string(), Ok)
}

/// A release as people see it.
pub(super) async fn read(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    row: &store::release::Release,
) -> Result<Release, AppError> {
    let mut source = source.into();
    let timeline = store::release::phases(source.reborrow(), row.release_id()).await?;
    let spec = secret::without_values(spec_of(app, source, workspace_id, row).await?);
    Ok(Release {
        release_id: row.release_id(),
        number: row.number,
        phase: row.phase()?,
        timeline,
        deadline_at: row.deadline_at(),
        progress: row.progress(),
        failure: row.failure(),
        spec,
        image_digest: row.image_digest.clone(),
        reason: row.reason()?,
        repeats: row.repeats,
        created_by: models::value::DisplayName::trusted(row.created_by_name.clone()),
        created_at: row.created_at(),
    })
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
