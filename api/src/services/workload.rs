//! Workloads: the desired state that a runner receives.

use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::DesiredState,
    runner::{Workload, WorkloadNetwork, WorkloadRelease},
};

use super::{auto_deploy, registry, release, run, volume};
use crate::{
    app::App,
    db::Snapshot,
    error::AppError,
    store::{self, deployment::Deployment, release::Release},
};

/// Returns the desired state of all of a runner's deployments and runs.
///
/// If the secrets of one workload do not open, this fails as a whole: sent without its secrets,
/// the workload would change, and left out, it would be removed.
pub async fn of_runner(app: &App, runner_id: RunnerId) -> Result<Vec<Workload>, AppError> {
    let deployments = store::deployment::of_runner(&app.db, runner_id).await?;
    let mut workloads = Vec::with_capacity(deployments.len());
    for (deployment_id, _) in deployments {
        // A snapshot each: one for all would keep one of few connections for a long time.
        workloads.extend(one_of_runner(app, runner_id, deployment_id).await?);
    }
    workloads.extend(run::workloads_of_runner(app, runner_id).await?);
    Ok(workloads)
}

/// Returns the desired state of one deployment.
///
/// `None` if the deployment is gone or belongs to another runner.
pub async fn one_of_runner(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
) -> Result<Option<Workload>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    let located = store::deployment::locate(&mut snapshot, deployment_id, runner_id).await?;
    let Some(workspace_id) = located else {
        return Ok(None);
    };
    let workload = of_deployment(app, &mut snapshot, workspace_id, deployment_id).await?;
    Ok(Some(workload))
}

/// Returns a workload with the release under way, or else the live one.
async fn of_deployment(
    app: &App,
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Workload, AppError> {
    let deployment = store::deployment::find(&mut *snapshot, workspace_id, deployment_id).await?;
    let desired = deployment.desired()?;
    let release = if desired == DesiredState::Deleted {
        None
    } else {
        let under_way = store::release::under_way(&mut *snapshot, &deployment).await?;
        if let Some(release) = under_way {
            Some((release, false))
        } else {
            let live = store::release::live(&mut *snapshot, &deployment).await?;
            live.map(|release| (release, true))
        }
    };
    let release = match release {
        Some((release, is_live)) => {
            Some(workload_release(app, snapshot, &deployment, &release, is_live).await?)
        }
        None => None,
    };
    let watched_tag = if desired == DesiredState::Running {
        auto_deploy::watched_tag(app, snapshot, &deployment).await?
    } else {
        None
    };
    Ok(Workload {
        deployment_id,
        generation: deployment.generation,
        desired,
        release,
        watched_tag,
        run: None,
        network: Some(network(&deployment)),
    })
}

/// Returns the private network of a deployment's instances and runs.
pub(super) fn network(deployment: &Deployment) -> WorkloadNetwork {
    WorkloadNetwork {
        environment_id: deployment.environment_id(),
        host_name: deployment.name(),
    }
}

async fn workload_release(
    app: &App,
    snapshot: &mut Snapshot,
    deployment: &Deployment,
    release: &Release,
    is_live: bool,
) -> Result<WorkloadRelease, AppError> {
    let workspace_id = deployment.workspace_id();
    let spec = release.spec();
    let expected_volumes = volume::expected(snapshot, deployment, spec).await?;
    let registry_credential =
        registry::credential_for(app, snapshot, workspace_id, &spec.image).await?;
    // A release under way starts with the current instance count, because it takes over the
    // same load.
    let count = spec.clamp_instances(deployment.scaled_to());
    let resolved = release::spec_of(app, &mut *snapshot, workspace_id, release).await?;
    Ok(WorkloadRelease {
        release_id: release.release_id(),
        live: is_live,
        instances: spec.is_scaled().then_some(count),
        spec: resolved.for_runner(),
        image_digest: release.image_digest(),
        expected_volumes,
        registry_credential,
        routes: Vec::new(),
    })
}
