//! What a runner is told of its deployments.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::DesiredState,
    runner::{Workload, WorkloadRelease},
};

use super::{push, registry, release, secret, volume};
use crate::{
    app::App,
    db::StoreError,
    error::AppError,
    store::{self, deployment::Deployment, release::Release},
};

/// Everything that a runner should make true.
///
/// A workload whose secrets do not open is left as it was rather than sent without them, so it
/// must not be missing either: then the whole state is not sent.
pub async fn of_runner(app: &App, runner_id: RunnerId) -> Result<Vec<Workload>, AppError> {
    let mut workloads = Vec::new();
    for (deployment_id, workspace_id) in store::deployment::of_runner(&app.db, runner_id).await? {
        workloads.extend(of_deployment(app, workspace_id, deployment_id).await?);
    }
    Ok(workloads)
}

/// What a runner should make true of one of its deployments; none when it is gone or another
/// runner's.
pub async fn one_of_runner(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<Option<Workload>, AppError> {
    match store::deployment::locate(&app.db, deployment_id, runner_id).await? {
        Some(workspace_id) => of_deployment(app, workspace_id, deployment_id).await,
        None => Ok(None),
    }
}

/// The release on its way if there is one, else the one that is live.
async fn of_deployment(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Option<Workload>, AppError> {
    let deployment = match store::deployment::find(&app.db, workspace_id, deployment_id).await {
        Ok(deployment) => deployment,
        // Deleted since the list was read.
        Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let desired = deployment.desired()?;
    let release = if desired == DesiredState::Deleted {
        None
    } else {
        match store::release::under_way(&app.db, deployment_id).await? {
            Some(release) => Some((release, false)),
            None => match deployment.live_release_id() {
                Some(live) => Some((store::release::find(&app.db, live).await?, true)),
                None => None,
            },
        }
    };
    let release = match release {
        Some((release, is_live)) => Some(told(app, &deployment, &release, is_live).await?),
        None => None,
    };
    let watched_tag = if desired == DesiredState::Running {
        push::watched(app, &deployment).await?
    } else {
        None
    };
    Ok(Some(Workload {
        deployment_id,
        generation: deployment.generation,
        desired,
        release,
        watched_tag,
    }))
}

async fn told(
    app: &App,
    deployment: &Deployment,
    release: &Release,
    is_live: bool,
) -> Result<WorkloadRelease, AppError> {
    let workspace_id = deployment.workspace_id();
    let spec = release::spec_of(app, &app.db, workspace_id, release).await?;
    let spec = secret::without_names(spec);
    let deployment_id = deployment.deployment_id();
    let expected_volumes = volume::expected(app, deployment_id, &spec).await?;
    let registry_credential = registry::credential_for(app, workspace_id, &spec.image).await?;
    // A release on its way begins with as many as there are of the one before it: they have work to
    // do.
    let count = spec.instances_near(deployment.scaled_to());
    Ok(WorkloadRelease {
        release_id: release.release_id(),
        live: is_live,
        instances: spec.is_scaled().then_some(count),
        spec,
        image_digest: release.image_digest.clone(),
        expected_volumes,
        registry_credential,
    })
}
