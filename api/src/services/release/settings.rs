//! Settings that follow a roll back.
//!
//! A roll back changes the settings too, so that the next deploy does not undo it. The settings
//! change once the repeated release is live, and not before: a roll back that fails, times out,
//! is canceled or is superseded leaves them as they were.

use super::spec_of;
use crate::{
    app::App,
    db::Tx,
    error::AppError,
    services::{auto_deploy, sealed_spec, secret},
    store::{self, deployment::LockedDeployment, release::Release},
};

/// Replaces the settings with a live release's specification.
///
/// Its volumes are attached already, since the release was created.
pub(super) async fn apply_to_deployment(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release: &Release,
) -> Result<(), AppError> {
    let (workspace_id, id) = (deployment.workspace_id(), deployment.deployment_id());
    let spec = spec_of(app, &mut *tx, workspace_id, release).await?;
    let spec = spec.into_spec();
    let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
    let (rest, sealed) = sealed_spec::seal(&key, workspace_id, id.uuid(), &spec)?;
    store::deployment::set_spec(tx, deployment, &rest, &sealed, app.clock.now()).await?;
    secret::record_existing_refs(tx, deployment, &spec).await?;
    auto_deploy::on_rollback_live(tx, deployment, release).await
}
