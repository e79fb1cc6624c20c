//! Releases that people ask for: of the settings, of what is live, of what was.

use models::{
    DeploymentId, ReleaseId, WorkspaceId,
    deployment::{Deployment, DesiredState, ReleaseReason, Spec},
    error::ErrorCode,
};

use super::change::Change;
use crate::{
    actor::Actor,
    app::App,
    error::AppError,
    services::{
        Guarded, push,
        release::{self, Making},
    },
    store,
};

/// Makes a release of what the settings say now; a stopped deployment is started with it.
pub async fn deploy(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Guarded<Deployment>, AppError> {
    let mut change = Change::begin(app, workspace_id, deployment_id).await?;
    let spec = change.current_spec().await?;
    change.desire(DesiredState::Running).await?;
    push::deployed(&mut change.tx, &change.row).await?;
    // Without a digest: the runner asks the registry what the tag means at this moment.
    let making = Making::of_settings(&spec, ReleaseReason::Deployed, None);
    change.release(actor, making).await?;
    change.commit().await
}

/// Makes a release of exactly what is live.
pub async fn restart(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Guarded<Deployment>, AppError> {
    let mut change = Change::begin(app, workspace_id, deployment_id).await?;
    let live = change.row.live_release_id();
    let live = live.ok_or(ErrorCode::DeploymentNeverLive)?;
    let live = store::release::find(&mut change.tx, live).await?;
    repeat(&mut change, actor, &live, ReleaseReason::Restarted).await?;
    change.commit().await
}

/// Makes a release of exactly what an older one ran. The settings become its once it is live: until
/// then, and when it never is, they stay as they are.
pub async fn roll_back(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<Guarded<Deployment>, AppError> {
    let mut change = Change::begin(app, workspace_id, deployment_id).await?;
    let tx = &mut change.tx;
    let old = store::release::find_of(tx, workspace_id, deployment_id, release_id).await?;
    let spec = repeat(&mut change, actor, &old, ReleaseReason::RolledBack).await?;
    push::rolling_back(&mut change.tx, &change.row).await?;
    change.claim_ahead(&spec).await?;
    change.commit().await
}

/// Makes a release of exactly what another one ran; a stopped deployment is started with it.
async fn repeat(
    change: &mut Change<'_>,
    actor: &Actor,
    old: &store::release::Release,
    reason: ReleaseReason,
) -> Result<Spec, AppError> {
    let workspace_id = change.row.workspace_id();
    let spec = release::spec_of(change.app, &mut change.tx, workspace_id, old).await?;
    change.desire(DesiredState::Running).await?;
    let making = Making {
        spec: &spec,
        reason,
        digest: old.image_digest.as_deref(),
        repeats: Some(old),
    };
    change.release(actor, making).await?;
    Ok(spec)
}
