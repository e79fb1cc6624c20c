//! Releases on request: of the settings, of the live release, of an older one.

use models::{
    DeploymentId, ReleaseId, WorkspaceId,
    deployment::{Deployment, DesiredState, ReleaseReason, Spec},
    error::ErrorCode,
};

use super::change::{Change, change};
use crate::{
    actor::Actor,
    app::App,
    db::Commit,
    error::AppError,
    services::{
        Redactable, auto_deploy,
        release::{self, ReleaseContent, ReleaseDraft},
    },
    store,
};

/// Creates a release of the settings; starts a stopped deployment.
pub async fn deploy(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    change(app, workspace_id, deployment_id, async |change| {
        let spec = change.current_spec().await?;
        change.set_desired(DesiredState::Running).await?;
        auto_deploy::on_deploy(change.tx, &change.row).await?;
        // Without a digest, so that the runner resolves the tag now.
        let draft = ReleaseDraft::of_settings(&spec, ReleaseReason::Deployed, None);
        change.release(actor, draft).await?;
        Ok(Commit(()))
    })
    .await
}

/// Creates a release that repeats the live one.
pub async fn restart(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Redactable<Deployment>, AppError> {
    change(app, workspace_id, deployment_id, async |change| {
        let live = store::release::live(&mut *change.tx, &change.row).await?;
        let live = live.ok_or(ErrorCode::DeploymentNeverLive)?;
        repeat(change, actor, &live, ReleaseReason::Restarted).await?;
        Ok(Commit(()))
    })
    .await
}

/// Creates a release that repeats an older one.
///
/// The settings change to its specification once it is live. Until then, or if it never is,
/// they stay as they are.
pub async fn roll_back(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<Redactable<Deployment>, AppError> {
    change(app, workspace_id, deployment_id, async |change| {
        let tx = &mut *change.tx;
        let old = store::release::find_of(tx, workspace_id, deployment_id, release_id).await?;
        let spec = repeat(change, actor, &old, ReleaseReason::RolledBack).await?;
        auto_deploy::on_rollback_started(change.tx, &change.row).await?;
        change.claim_for_release(&spec).await?;
        Ok(Commit(()))
    })
    .await
}

/// Creates a release that repeats another one; starts a stopped deployment.
///
/// Returns its specification as people see it.
async fn repeat(
    change: &mut Change<'_>,
    actor: &Actor,
    old: &store::release::Release,
    reason: ReleaseReason,
) -> Result<Spec, AppError> {
    let workspace_id = change.row.workspace_id();
    let spec = release::spec_of(change.app, &mut *change.tx, workspace_id, old).await?;
    change.set_desired(DesiredState::Running).await?;
    let digest = old.image_digest();
    let draft = ReleaseDraft {
        content: ReleaseContent::Repeat(old, &spec),
        reason,
        digest: digest.as_ref(),
    };
    change.release(actor, draft).await?;
    Ok(spec.into_spec())
}
