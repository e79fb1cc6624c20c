//! Deployments: what people want, and the releases that follow from it.

use models::{
    DeploymentId, ReleaseId, RunnerId, WorkspaceId,
    api::workspace::deployment::{CreateDeploymentRequest, UpdateDeploymentRequest},
    deployment::{Deployment, DeploymentSummary, DesiredState, ReleaseReason, Spec},
    error::ErrorCode,
    page::{Page, PageQuery},
};

use super::{
    confidential, log, page,
    release::{self, Making},
    rows_wanted, secret, stats, volume,
};
use crate::{
    app::App,
    bus::Event,
    db::{Constraint, Source, Tx},
    error::AppError,
    http::SignedIn,
    jobs::Job,
    store::{self, deployment::NewDeployment},
};

/// Makes a deployment, and its first release unless that is not wanted yet.
pub async fn create(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    request: CreateDeploymentRequest,
) -> Result<Deployment, AppError> {
    let deploy = request.deploy.unwrap_or(true);
    let deployment_id = DeploymentId::from_uuid(app.ids.next());
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::runner::find(&mut tx, workspace_id, request.runner_id, now)
        .await?
        .is_none()
    {
        return Err(ErrorCode::RunnerNotFound.into());
    }
    let key = confidential::data_key(app, &mut tx, workspace_id).await?;
    let (spec, sealed_confidential) =
        confidential::seal(&key, workspace_id, deployment_id.uuid(), &request.spec)?;
    let new = NewDeployment {
        deployment_id,
        workspace_id,
        name: &request.name,
        runner_id: request.runner_id,
        desired: if deploy {
            DesiredState::Running
        } else {
            DesiredState::Stopped
        },
        spec: &spec,
        sealed_confidential: &sealed_confidential,
        at: now,
    };
    store::deployment::insert(&mut tx, new)
        .await
        .map_err(|error| {
            if error.is_conflict(Constraint::DeploymentName) {
                ErrorCode::DeploymentNameTaken.into()
            } else {
                AppError::from(error)
            }
        })?;
    secret::note_uses(&mut tx, workspace_id, deployment_id, &request.spec).await?;
    let row = store::deployment::find(&mut tx, workspace_id, deployment_id).await?;
    volume::claim(&mut tx, &row, &request.spec, now).await?;
    if deploy {
        let making = Making::of_settings(&request.spec, ReleaseReason::Created);
        release::create(app, &mut tx, actor, &row, making).await?;
    }
    commit(app, tx, workspace_id, deployment_id).await
}

/// A deployment with its newest release and what was observed.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    read(app, &app.db, workspace_id, deployment_id).await
}

/// A workspace's deployments, by name.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<DeploymentSummary>, AppError> {
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let now = app.clock.now();
    let rows = store::deployment::list(&app.db, workspace_id, behind, rows_wanted(query)).await?;
    page(
        rows,
        query,
        |last: &DeploymentSummary| last.name.to_string(),
        |row| Ok(row.read(now)?),
    )
}

/// The deployments of a runner, by name.
pub async fn list_on(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    query: &PageQuery,
) -> Result<Page<DeploymentSummary>, AppError> {
    super::runner::get(app, workspace_id, runner_id).await?;
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let now = app.clock.now();
    let wanted = rows_wanted(query);
    let rows = store::deployment::list_on(&app.db, workspace_id, runner_id, behind, wanted).await?;
    page(
        rows,
        query,
        |last: &DeploymentSummary| last.name.to_string(),
        |row| Ok(row.read(now)?),
    )
}

/// Replaces what the next release will run, and makes that release when the deployment is meant
/// to run and something changed.
pub async fn update(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    request: UpdateDeploymentRequest,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    if request
        .if_unchanged_since
        .is_some_and(|since| row.updated_at() != since)
    {
        return Err(ErrorCode::DeploymentChanged.into());
    }
    let key = confidential::data_key(app, &mut tx, workspace_id).await?;
    let before = current_spec(app, &mut tx, &row).await?;
    if before == request.spec {
        tx.rollback().await?;
        return get(app, workspace_id, deployment_id).await;
    }
    let (spec, sealed) =
        confidential::seal(&key, workspace_id, deployment_id.uuid(), &request.spec)?;
    store::deployment::set_spec(&mut tx, deployment_id, &spec, &sealed, app.clock.now()).await?;
    secret::note_uses(&mut tx, workspace_id, deployment_id, &request.spec).await?;
    volume::claim(&mut tx, &row, &request.spec, app.clock.now()).await?;
    if request.deploy.unwrap_or(true) && row.desired()? == DesiredState::Running {
        let making = Making::of_settings(&request.spec, ReleaseReason::Updated);
        release::create(app, &mut tx, actor, &row, making).await?;
    }
    commit(app, tx, workspace_id, deployment_id).await
}

/// Makes a release of what the settings say now; a stopped deployment is started with it.
pub async fn deploy(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    let spec = current_spec(app, &mut tx, &row).await?;
    let now = app.clock.now();
    store::deployment::set_desired(&mut tx, deployment_id, DesiredState::Running, now).await?;
    let making = Making::of_settings(&spec, ReleaseReason::Deployed);
    release::create(app, &mut tx, actor, &row, making).await?;
    commit(app, tx, workspace_id, deployment_id).await
}

/// Makes a release of exactly what is live.
pub async fn restart(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    let live = row
        .live_release_id()
        .ok_or(ErrorCode::DeploymentNeverLive)?;
    let live = store::release::find(&mut tx, live).await?;
    repeat(app, &mut tx, actor, &row, &live, ReleaseReason::Restarted).await?;
    commit(app, tx, workspace_id, deployment_id).await
}

/// Makes a release of exactly what an older one ran; the settings become its too.
pub async fn roll_back(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    let old = store::release::find_of(&mut tx, workspace_id, deployment_id, release_id).await?;
    volume::claim(&mut tx, &row, old.spec(), app.clock.now()).await?;
    let spec = repeat(app, &mut tx, actor, &row, &old, ReleaseReason::RolledBack).await?;
    let key = confidential::data_key(app, &mut tx, workspace_id).await?;
    let spec = secret::without_values(spec);
    secret::note_uses(&mut tx, workspace_id, deployment_id, &spec).await?;
    let (spec, sealed) = confidential::seal(&key, workspace_id, deployment_id.uuid(), &spec)?;
    store::deployment::set_spec(&mut tx, deployment_id, &spec, &sealed, app.clock.now()).await?;
    commit(app, tx, workspace_id, deployment_id).await
}

/// Makes a release of exactly what another one ran; a stopped deployment is started with it.
async fn repeat(
    app: &App,
    tx: &mut Tx,
    actor: &SignedIn,
    row: &store::deployment::Deployment,
    old: &store::release::Release,
    reason: ReleaseReason,
) -> Result<Spec, AppError> {
    let spec = release::spec_of(app, &mut *tx, row.workspace_id(), old).await?;
    let now = app.clock.now();
    store::deployment::set_desired(tx, row.deployment_id(), DesiredState::Running, now).await?;
    let making = Making {
        spec: &spec,
        reason,
        repeats: Some(old),
    };
    release::create(app, tx, actor, row, making).await?;
    Ok(spec)
}

/// Starts what was live; what never was gets a release. Nothing changes when it is meant to run
/// already.
pub async fn start(
    app: &App,
    actor: &SignedIn,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    let is_under_way = store::release::under_way(&mut tx, deployment_id)
        .await?
        .is_some();
    let has_something = row.live_release_id().is_some() || is_under_way;
    if row.desired()? != DesiredState::Running {
        let now = app.clock.now();
        store::deployment::set_desired(&mut tx, deployment_id, DesiredState::Running, now).await?;
    } else if has_something {
        tx.rollback().await?;
        return get(app, workspace_id, deployment_id).await;
    }
    if !has_something {
        let spec = current_spec(app, &mut tx, &row).await?;
        let making = Making::of_settings(&spec, ReleaseReason::Deployed);
        release::create(app, &mut tx, actor, &row, making).await?;
    }
    commit(app, tx, workspace_id, deployment_id).await
}

/// Stops it; a release on its way is cancelled.
pub async fn stop(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = editable(&mut tx, workspace_id, deployment_id).await?;
    if row.desired()? == DesiredState::Stopped {
        tx.rollback().await?;
        return get(app, workspace_id, deployment_id).await;
    }
    release::cancel_under_way(app, &mut tx, deployment_id).await?;
    let now = app.clock.now();
    store::deployment::set_desired(&mut tx, deployment_id, DesiredState::Stopped, now).await?;
    commit(app, tx, workspace_id, deployment_id).await
}

/// Asks for the deletion. What never was released is gone at once; the rest goes when its runner
/// says that nothing is left.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut tx = app.db.begin().await?;
    let row = store::deployment::find_locked(&mut tx, workspace_id, deployment_id).await?;
    if row.desired()? != DesiredState::Deleted {
        release::cancel_under_way(app, &mut tx, deployment_id).await?;
        let now = app.clock.now();
        store::deployment::set_desired(&mut tx, deployment_id, DesiredState::Deleted, now).await?;
    }
    let deployment = read(app, &mut tx, workspace_id, deployment_id).await?;
    if deployment.release.is_none() {
        store::deployment::delete(&mut tx, deployment_id).await?;
        tx.commit().await?;
        changed(app, workspace_id, deployment_id);
        return Ok(deployment);
    }
    commit(app, tx, workspace_id, deployment_id).await
}

/// Has a deployment that should be deleted forgotten, because its runner says that nothing is left.
pub async fn removed(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    if store::deployment::is_removed(&mut tx, deployment_id, runner_id, generation).await? {
        let job = Job::ForgetDeployment {
            deployment_id,
            runner_id,
            generation,
        };
        app.jobs.enqueue(&mut tx, &job).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets a deployment of which nothing is left: first what there may be much of, in transactions
/// that keep nobody waiting, then the rest at once.
pub async fn forget(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    let is_removed =
        store::deployment::is_removed(&mut tx, deployment_id, runner_id, generation).await?;
    tx.rollback().await?;
    if !is_removed {
        return Ok(());
    }
    log::purge(app, deployment_id).await?;
    stats::purge(app, deployment_id).await?;
    let mut tx = app.db.begin().await?;
    let workspace_id =
        store::deployment::delete_removed(&mut tx, deployment_id, runner_id, generation).await?;
    tx.commit().await?;
    if let Some(workspace_id) = workspace_id {
        changed(app, workspace_id, deployment_id);
    }
    Ok(())
}

/// The row of a deployment that may be changed, locked.
async fn editable(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<store::deployment::Deployment, AppError> {
    let row = store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
    if row.desired()? == DesiredState::Deleted {
        return Err(ErrorCode::DeploymentBeingDeleted.into());
    }
    Ok(row)
}

/// What the settings say now, whole.
async fn current_spec(
    app: &App,
    source: impl Into<Source<'_>>,
    row: &store::deployment::Deployment,
) -> Result<Spec, AppError> {
    let key = confidential::data_key(app, source, row.workspace_id()).await?;
    confidential::open(
        &key,
        row.workspace_id(),
        row.deployment_id().uuid(),
        row.spec(),
        &row.sealed_confidential,
    )
}

/// Commits a change of what is wanted, together with the job that tells the runner, and gives the
/// deployment as it is then.
async fn commit(
    app: &App,
    mut tx: Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    volume::let_go(&mut tx, workspace_id, deployment_id).await?;
    let deployment = read(app, &mut tx, workspace_id, deployment_id).await?;
    let job = Job::NotifyRunner {
        runner_id: deployment.runner_id,
        deployment_id,
    };
    app.jobs.enqueue(&mut tx, &job).await?;
    tx.commit().await?;
    changed(app, workspace_id, deployment_id);
    Ok(deployment)
}

/// Tells everybody who looks that something about a deployment changed.
pub(super) fn changed(app: &App, workspace_id: WorkspaceId, deployment_id: DeploymentId) {
    app.bus.publish(Event::DeploymentChanged {
        workspace_id,
        deployment_id,
    });
}

async fn read(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Deployment, AppError> {
    let mut source = source.into();
    let row = store::deployment::find(source.reborrow(), workspace_id, deployment_id).await?;
    let newest = store::release::newest(source.reborrow(), deployment_id).await?;
    let release = match newest {
        Some(row) => Some(release::read(app, source.reborrow(), workspace_id, &row).await?),
        None => None,
    };
    let spec = current_spec(app, source, &row).await?;
    let desired = row.desired()?;
    Ok(Deployment {
        deployment_id: row.deployment_id(),
        workspace_id: row.workspace_id(),
        name: row.name(),
        runner_id: row.runner_id(),
        runner_name: row.runner_name(),
        spec,
        desired,
        generation: row.generation,
        release,
        observed: row.observed(app.clock.now()),
        created_at: row.created_at(),
        updated_at: row.updated_at(),
    })
}
