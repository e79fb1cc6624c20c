//! Deletion of a deployment of which its runner has nothing left.

use models::{DeploymentId, RunnerId};

use crate::{app::App, error::AppError, jobs::Outcome, services::deployment};

pub(super) async fn run(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    generation: i64,
) -> Result<Outcome, AppError> {
    deployment::purge(app, runner_id, deployment_id, generation).await?;
    Ok(Outcome::Done)
}
