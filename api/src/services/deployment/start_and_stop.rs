//! Starting and stopping deployments.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{Deployment, DesiredState, ReleaseReason},
};

use super::change::change;
use crate::{
    actor::Actor,
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    services::Redactable,
    store,
};

/// Starts a deployment; creates a release if none was ever live.
///
/// A deployment that should run already stays as it is.
pub async fn start(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    change(app, workspace_id, deployment_id, async |change| {
        let under_way = store::release::under_way(&mut *change.tx, &change.row).await?;
        let has_something = change.row.live_release_id().is_some() || under_way.is_some();
        if change.row.desired()? != DesiredState::Running {
            change.set_desired(DesiredState::Running).await?;
        } else if has_something {
            return Ok(Abandon(()));
        }
        if !has_something {
            let spec = change.current_spec().await?;
            change
                .release_settings(actor, &spec, ReleaseReason::Deployed)
                .await?;
        }
        Ok(Commit(()))
    })
    .await
}

/// Stops a deployment and cancels a release under way.
pub async fn stop(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    change(app, workspace_id, deployment_id, async |change| {
        if change.row.desired()? == DesiredState::Stopped {
            return Ok(Abandon(()));
        }
        change.cancel_under_way().await?;
        change.set_desired(DesiredState::Stopped).await?;
        Ok(Commit(()))
    })
    .await
}
