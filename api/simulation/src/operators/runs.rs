//! Random tasks of deployments, and their cancellation.

use api::{app::App, error::AppError, services};
use models::{
    DeploymentId,
    page::PageQuery,
    run::{Run, RunPhase},
};
use runner_common::conformance::{FALSE, SHELL, TRUE};
use serde_json::{Value, json};

use super::record;
use crate::cluster::Cluster;

/// Creates a run of a deployment.
pub(super) async fn create(cluster: &Cluster, app: &App, id: DeploymentId) -> Result<(), AppError> {
    record(cluster, "run", id);
    let world = &cluster.world;
    let request = world.draw(|rng| {
        json!({
            "entrypoint": program(rng.below(6), rng.below(40), rng.below(3)),
            "timeout_ms": 1_000 * (1 + rng.below(60)),
            "retries": rng.below(3),
        })
    });
    let request = serde_json::from_value(request).map_err(AppError::internal)?;
    let (workspace_id, actor) = (cluster.workspace_id, &cluster.actor);
    let run = services::run::create(app, actor, workspace_id, id, request).await?;
    let Run { run_id, terms, .. } = run.for_reader(actor);
    world.note(&format!("run {run_id} of {id}: {terms:?}"));
    Ok(())
}

/// Returns the program of a task; an empty one is the deployment's own app.
fn program(kind: u64, seconds: u64, failures: u64) -> Value {
    match kind {
        0 => json!([TRUE]),
        1 => json!([FALSE]),
        2 => json!([]),
        3 => json!([SHELL, "-c", "sleep 1000000"]),
        _ => {
            let code = if failures == 0 { 0 } else { 3 };
            json!([
                SHELL,
                "-c",
                format!("echo begun; sleep {seconds}; exit {code}")
            ])
        }
    }
}

/// Cancels one of a deployment's newest runs that have not ended.
pub(super) async fn cancel(cluster: &Cluster, app: &App, id: DeploymentId) -> Result<(), AppError> {
    let workspace_id = cluster.workspace_id;
    let runs = services::run::list(app, workspace_id, id, &PageQuery::default()).await?;
    let mut runs = runs.for_reader(&cluster.actor).items;
    runs.retain(|run| !RunPhase::is_terminal(run.phase));
    let Some(run_id) = cluster
        .world
        .draw(|rng| rng.pick(&runs).map(|run| run.run_id))
    else {
        return Ok(());
    };
    record(cluster, "cancel run", id);
    services::run::cancel(app, workspace_id, id, run_id).await?;
    Ok(())
}
