//! Deployment of the digest that a tag now means.

use models::{DeploymentId, WorkspaceId};

use crate::{app::App, error::AppError, jobs::Outcome, services::auto_deploy};

pub(super) async fn run(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Outcome, AppError> {
    let again = auto_deploy::deploy_if_due(app, workspace_id, deployment_id).await?;
    Ok(again.map_or(Outcome::Done, Outcome::RunAgainAt))
}
