//! Lost volumes: their data is missing on the runner's host.
//!
//! Once a release that mounts a volume was live, the volume's data must exist. A runner that
//! does not find it starts nothing and reports the loss. Only a person can let it start with an
//! empty volume.

use models::{
    DeploymentId, ReleaseId, RunnerId, VolumeId, WorkspaceId,
    deployment::{Instance, InstanceState, Spec},
    error::ErrorCode,
    volume::Volume,
};

use super::change;
use crate::{
    app::App,
    db::{Commit, Snapshot, Tx},
    error::AppError,
    jobs::Job,
    store::{self, deployment::Deployment, observation::Reporter},
};

/// Returns a release's volumes whose data its runner must find on its host.
pub(in crate::services) async fn expected(
    snapshot: &mut Snapshot,
    deployment: &Deployment,
    spec: &Spec,
) -> Result<Vec<VolumeId>, AppError> {
    if spec.volumes.is_empty() {
        return Ok(Vec::new());
    }
    let mut expected = store::volume::expected_of(snapshot, deployment).await?;
    expected.retain(|id| spec.volumes.iter().any(|mount| mount.volume_id == *id));
    Ok(expected)
}

/// Expects the data of a live release's volumes from now on; returns true if new.
pub(in crate::services) async fn put_in_use(
    app: &App,
    tx: &mut Tx,
    runner_id: RunnerId,
    spec: &Spec,
) -> Result<bool, AppError> {
    let mut volume_ids: Vec<_> = spec.volumes.iter().map(|mount| mount.volume_id).collect();
    volume_ids.sort();
    let now = app.clock.now();
    let mut is_news = false;
    for volume_id in volume_ids {
        is_news |= store::volume::put_in_use(tx, runner_id, volume_id, now).await?;
    }
    Ok(is_news)
}

/// Marks volumes as in use when a running instance of the live release has them.
///
/// This ends the loss of volumes that were lost or given up.
pub(in crate::services) async fn seen_in_use(
    app: &App,
    tx: &mut Tx,
    runner_id: RunnerId,
    (workspace_id, deployment_id): (WorkspaceId, DeploymentId),
    instances: &[Instance],
) -> Result<(), AppError> {
    let up: Vec<ReleaseId> = instances
        .iter()
        .filter(|one| is_up(one))
        .map(|one| one.release_id)
        .collect();
    if up.is_empty() {
        return Ok(());
    }
    // Checked first, because there are hardly ever any and runners report often.
    if store::volume::not_in_use_of(tx, runner_id, deployment_id)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    let deployment = store::deployment::find(&mut *tx, workspace_id, deployment_id).await?;
    let live = deployment.live_release_id();
    if live.is_none_or(|live| !up.contains(&live)) {
        return Ok(());
    }
    let Some(live) = store::release::live(&mut *tx, &deployment).await? else {
        return Ok(());
    };
    if put_in_use(app, tx, runner_id, live.spec()).await? {
        notify(app, tx, runner_id, deployment_id).await?;
    }
    Ok(())
}

const fn is_up(instance: &Instance) -> bool {
    matches!(
        instance.state,
        InstanceState::Running | InstanceState::Unhealthy
    )
}

/// Records that a runner did not find a volume whose data must exist.
///
/// A runner can report only its own volumes.
pub async fn lost(app: &App, reporter: Reporter, volume_id: VolumeId) -> Result<(), AppError> {
    let runner_id = reporter.runner_id;
    // Checked first without a write, so that repeated reports do not block other writers.
    if !store::volume::is_missed(&app.db, runner_id, volume_id).await? {
        return Ok(());
    }
    let recording = app.db.write(async |tx| {
        let now = app.clock.now();
        let is_news = store::volume::set_lost(tx, reporter, volume_id, now).await?;
        Ok::<_, AppError>(Commit(is_news))
    });
    if recording.await? {
        tracing::warn!(
            runner.id = %runner_id, volume.id = %volume_id,
            "a volume is no longer on its runner's host; Berth starts no app that uses it"
        );
    }
    Ok(())
}

/// Gives up the data of a lost volume.
///
/// Its runner creates an empty one at the next use.
pub async fn replace_lost(
    app: &App,
    workspace_id: WorkspaceId,
    volume_id: VolumeId,
) -> Result<Volume, AppError> {
    let volume = change(app, workspace_id, volume_id, async |tx, volume, now| {
        if !store::volume::give_up(tx, workspace_id, volume_id, now).await? {
            return Err(ErrorCode::VolumeNotLost.into());
        }
        if let Some(user) = &volume.attached {
            notify(app, tx, volume.runner_id, user.deployment_id).await?;
        }
        Ok(())
    })
    .await?;
    tracing::info!(volume.id = %volume_id, "abandoned the data of a lost volume");
    Ok(volume)
}

/// Enqueues the job that tells the runner which volumes it must find.
///
/// The desired state is the same, so the generation does not grow.
async fn notify(
    app: &App,
    tx: &mut Tx,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let job = Job::NotifyRunner {
        runner_id,
        deployment_id,
        run_id: None,
    };
    app.jobs.enqueue(tx, &job).await?;
    Ok(())
}
