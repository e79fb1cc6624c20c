//! What runners see.

use models::{RunnerId, deployment::Instance, runner::WorkloadObservation};

use super::deployment::changed;
use crate::{app::App, db::Tx, error::AppError, store};

/// The most instances of one deployment that are believed.
const MAX_INSTANCES: usize = 1_000;

/// Keeps all that a runner sees: what it does not name is not there.
pub async fn all(
    app: &App,
    runner_id: RunnerId,
    workloads: &[WorkloadObservation],
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    for workload in workloads {
        keep(app, &mut tx, runner_id, workload).await?;
    }
    for deployment_id in store::observation::of_runner(&mut tx, runner_id).await? {
        if !workloads
            .iter()
            .any(|seen| seen.deployment_id == deployment_id)
        {
            let now = app.clock.now();
            store::observation::put(&mut tx, runner_id, deployment_id, 0, &[], now).await?;
        }
    }
    tx.commit().await?;
    for (deployment_id, workspace_id) in store::deployment::of_runner(&app.db, runner_id).await? {
        changed(app, workspace_id, deployment_id);
    }
    Ok(())
}

/// Keeps what a runner sees of one deployment. One that is not its own is ignored.
pub async fn one(
    app: &App,
    runner_id: RunnerId,
    workload: &WorkloadObservation,
) -> Result<(), AppError> {
    let mut tx = app.db.begin().await?;
    if !keep(app, &mut tx, runner_id, workload).await? {
        return Ok(());
    }
    let located = store::deployment::locate(&mut tx, workload.deployment_id, runner_id).await?;
    tx.commit().await?;
    if let Some(workspace_id) = located {
        changed(app, workspace_id, workload.deployment_id);
    }
    Ok(())
}

async fn keep(
    app: &App,
    tx: &mut Tx,
    runner_id: RunnerId,
    workload: &WorkloadObservation,
) -> Result<bool, AppError> {
    let instances: Vec<Instance> = workload
        .instances
        .iter()
        .take(MAX_INSTANCES)
        .cloned()
        .map(with_safe_url)
        .collect();
    let is_own = store::observation::put(
        tx,
        runner_id,
        workload.deployment_id,
        workload.generation,
        &instances,
        app.clock.now(),
    )
    .await?;
    Ok(is_own)
}

/// People click on the URL, so only one that opens a page is kept.
fn with_safe_url(mut instance: Instance) -> Instance {
    instance.url = instance.url.filter(|url| {
        (url.starts_with("http://") || url.starts_with("https://"))
            && url.len() <= 300
            && url.bytes().all(|b| b.is_ascii_graphic())
    });
    instance
}
