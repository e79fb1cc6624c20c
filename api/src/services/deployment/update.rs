//! Updates of a deployment's settings.

use models::{
    DeploymentId, WorkspaceId,
    api::workspace::deployment::UpdateDeploymentRequest,
    deployment::{Deployment, DesiredState, ReleaseReason},
    error::{ApiError, ErrorCode, FieldError},
};

use super::change::change;
use crate::{
    actor::Actor,
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    services::{Redactable, auto_deploy, machine_type},
};

/// Returns the error for fields that hide a value which does not exist.
pub(super) fn invalid(fields: Vec<FieldError>) -> AppError {
    ApiError::invalid(fields).into()
}

/// Replaces the settings, and creates a release if the deployment should run.
///
/// No release is created when the specification stays the same, or the request says so.
pub async fn update(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    request: UpdateDeploymentRequest,
) -> Result<Redactable<Deployment>, AppError> {
    let spec = machine_type::resolve(app, request.machine_type.as_ref(), request.spec)?;
    change(app, workspace_id, deployment_id, async |change| {
        let based_on = request.if_unchanged_since;
        if based_on.is_some_and(|since| change.row.updated_at() != since) {
            return Err(ErrorCode::DeploymentChanged.into());
        }
        let current = change.current_spec().await?;
        let spec = spec.restore_redacted(Some(&current)).map_err(invalid)?;
        let is_same = current == spec;
        let wanted = request.auto_deploy;
        let switched = auto_deploy::configure(change.tx, &change.row, &spec.image, wanted).await?;
        if is_same && switched.is_none() {
            return Ok(Abandon(()));
        }
        if switched == Some(true) {
            auto_deploy::check_capability(&change.runner().await?)?;
        }
        change.set_spec(&spec).await?;
        let runs = change.row.desired()? == DesiredState::Running;
        if request.deploy.unwrap_or(true) && runs && !is_same {
            change
                .release_settings(actor, &spec, ReleaseReason::Updated)
                .await?;
        }
        Ok(Commit(()))
    })
    .await
}
