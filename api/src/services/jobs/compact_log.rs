//! Merging of the open segments of a deployment's log.

use models::DeploymentId;

use crate::{app::App, error::AppError, jobs::Outcome, services::log};

pub(super) async fn run(app: &App, deployment_id: DeploymentId) -> Result<Outcome, AppError> {
    log::compact(app, deployment_id).await?;
    Ok(Outcome::Done)
}
