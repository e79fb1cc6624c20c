//! Settings that follow a release.
//!
//! A roll back changes what runs, and the settings with it, so that the next deploy does not undo it.
//! They change when the older release is live again and not before: a roll back that fails, is
//! cancelled, superseded or runs out of time leaves them as they were.

use super::spec_of;
use crate::{
    app::App,
    db::Tx,
    error::AppError,
    services::{confidential, push, secret},
    store::{self, deployment::Deployment, release::Release},
};

/// Makes the settings what a release runs. Its volumes are the deployment's already, since it was on
/// its way.
pub(super) async fn follow(
    app: &App,
    tx: &mut Tx,
    deployment: &Deployment,
    release: &Release,
) -> Result<(), AppError> {
    let (workspace_id, id) = (deployment.workspace_id(), deployment.deployment_id());
    let spec = spec_of(app, &mut *tx, workspace_id, release).await?;
    let spec = secret::without_values(spec);
    let key = confidential::data_key(app, &mut *tx, workspace_id).await?;
    let (rest, sealed) = confidential::seal(&key, workspace_id, id.uuid(), &spec)?;
    store::deployment::set_spec(tx, id, &rest, &sealed, app.clock.now()).await?;
    secret::note_uses_left(tx, workspace_id, id, &spec).await?;
    push::rolled_back(tx, deployment, release).await
}
