//! Releases: creation, phases, and the end.
//!
//! Every release ends, because every phase of a rollout has a deadline.

mod create;
mod expire;
mod report;
mod settings;

use models::{
    DeploymentId, ReleaseId, RunnerId, WorkspaceId,
    deployment::{DesiredState, Release, ReleasePhase},
    error::ErrorCode,
    page::{Page, PageQuery},
    value::ImageDigest,
};

pub(super) use self::create::{ReleaseContent, ReleaseDraft, create};
pub use self::{
    expire::{EXPIRE_INTERVAL, expire_overdue},
    report::report,
};
use super::{
    Redactable, deployment::changed, resolved_spec::ResolvedSpec, rows_wanted, sealed_spec, volume,
};
use crate::{
    app::App,
    db::{Commit, OneState, Source, Tx},
    error::AppError,
    jobs::Job,
    store::{self, deployment::LockedDeployment, release::ReleaseUpdate},
};

/// Images of each deployment that stay on its runner's host.
///
/// Older releases can be rolled back to as long as the registry has the image.
const IMAGES_OF_EACH: i64 = 20;

/// Lists the image digests that a runner must keep for roll backs.
pub async fn images_to_keep(app: &App, runner_id: RunnerId) -> Result<Vec<ImageDigest>, AppError> {
    Ok(store::release::digests_of_runner(&app.db, runner_id, IMAGES_OF_EACH).await?)
}

/// Cancels the release under way, if there is one.
pub(super) async fn cancel_under_way(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), AppError> {
    if let Some(release) = store::release::under_way(&mut *tx, deployment).await? {
        let release_id = release.release_id();
        advance(
            app,
            tx,
            deployment,
            release_id,
            ReleasePhase::Cancelled,
            &ReleaseUpdate::default(),
        )
        .await?;
    }
    Ok(())
}

/// Moves a release to a phase; returns true if it was still under way.
async fn advance(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release_id: ReleaseId,
    phase: ReleasePhase,
    update: &ReleaseUpdate,
) -> Result<bool, AppError> {
    let now = app.clock.now();
    let has_moved = store::release::advance(tx, deployment, release_id, phase, update, now).await?;
    if has_moved && phase.is_terminal() {
        tx.after_commit(move || {
            metrics::counter!("berth_releases_total", "end" => phase.name()).increment(1);
        });
    }
    Ok(has_moved)
}

/// Cancels a release under way.
///
/// A deployment that was stopped before is stopped again.
pub async fn cancel(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let deployment =
                store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
            let release =
                store::release::find_of(&mut *tx, workspace_id, deployment_id, release_id).await?;
            let (cancelled, update) = (ReleasePhase::Cancelled, ReleaseUpdate::default());
            if !advance(app, tx, &deployment, release_id, cancelled, &update).await? {
                return Err(ErrorCode::ReleaseEnded.into());
            }
            if release.starts() {
                let (stopped, now) = (DesiredState::Stopped, app.clock.now());
                store::deployment::set_desired(tx, &deployment, stopped, now).await?;
            }
            bump_and_notify(app, tx, &deployment).await?;
            Ok(Commit(()))
        })
        .await
}

/// Returns a release and the one before it.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<(Redactable<Release>, Option<Redactable<Release>>), AppError> {
    let mut snapshot = app.db.snapshot().await?;
    let snapshot = &mut snapshot;
    let row =
        store::release::find_of(&mut *snapshot, workspace_id, deployment_id, release_id).await?;
    let before = store::release::list(snapshot, workspace_id, deployment_id, row.number, 1).await?;
    let previous = match before.rows.first() {
        Some(row) => Some(load(app, &mut *snapshot, workspace_id, row).await?),
        None => None,
    };
    let release = load(app, snapshot, workspace_id, &row).await?;
    Ok((Redactable::new(release), previous.map(Redactable::new)))
}

/// Opens the whole specification of a release, with the values of its secrets.
pub(super) async fn spec_of(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    row: &store::release::Release,
) -> Result<ResolvedSpec, AppError> {
    let key = sealed_spec::data_key(app, source, workspace_id).await?;
    ResolvedSpec::open(&key, workspace_id, row)
}

/// Increments the generation, and tells the runner and the pages after the commit.
pub(super) async fn bump_and_notify(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), AppError> {
    volume::release_volumes(tx, deployment).await?;
    store::deployment::next_generation(tx, deployment).await?;
    notify(app, tx, deployment).await
}

/// Tells the runner and the pages of a deployment's new state after the commit.
pub(super) async fn notify(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let job = Job::NotifyRunner {
        runner_id: deployment.runner_id(),
        deployment_id,
        run_id: None,
    };
    app.jobs.enqueue(tx, &job).await?;
    changed(app, tx, workspace_id, deployment_id);
    Ok(())
}

/// Lists a deployment's releases, newest first.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &PageQuery,
) -> Result<Redactable<Page<Release>>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    // A missing deployment is "not found", not an empty list.
    store::deployment::find(&mut snapshot, workspace_id, deployment_id).await?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.0.parse().map_err(|_| ErrorCode::CursorInvalid)?,
    };
    let rows = store::release::list(
        &mut snapshot,
        workspace_id,
        deployment_id,
        before,
        rows_wanted(query),
    )
    .await?;
    let mut items = Vec::with_capacity(rows.rows.len());
    for row in rows.rows {
        items.push(load(app, &mut snapshot, workspace_id, &row).await?);
    }
    let rows = store::Rows {
        rows: items,
        total: rows.total,
    };
    let page = super::page(rows, query, |last: &Release| last.number.to_string(), Ok)?;
    Ok(Redactable::new(page))
}

/// Returns a release with its variables and files, except for values of secrets.
pub(super) async fn load(
    app: &App,
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    row: &store::release::Release,
) -> Result<Release, AppError> {
    let mut source = source.into();
    let timeline = store::release::phases(source.reborrow(), row).await?;
    let spec = spec_of(app, source, workspace_id, row).await?.into_spec();
    Ok(Release {
        release_id: row.release_id(),
        number: row.number,
        phase: row.phase()?,
        timeline,
        deadline_at: row.deadline_at(),
        progress: row.progress(),
        failure: row.failure(),
        spec,
        image_digest: row.image_digest(),
        image_source: row.image_source(),
        reason: row.reason()?,
        repeats: row.repeats,
        created_by: row.created_by()?,
        created_at: row.created_at(),
    })
}
