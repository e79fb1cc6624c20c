//! Observed states from runners.

use models::{
    WorkspaceId,
    deployment::{Instance, MAX_PORTS},
    runner::WorkloadObservation,
    time::Timestamp,
};

use super::{deployment::changed, untrusted_text, volume};
use crate::{
    app::App,
    db::{Abandon, Commit, Tx},
    error::AppError,
    store::{
        self,
        observation::{Reporter, Seen},
    },
};

/// Largest number of instances accepted for one deployment.
const MAX_INSTANCES: usize = 1_000;

/// Stores a runner's whole observed state; omitted deployments have no instances.
pub async fn all(
    app: &App,
    reporter: Reporter,
    workloads: &[WorkloadObservation],
) -> Result<(), AppError> {
    let runner_id = reporter.runner_id;
    let is_seen = |id| workloads.iter().any(|seen| seen.deployment_id == id);
    app.db
        .write(async |tx| {
            for workload in workloads {
                record(app, tx, reporter, workload).await?;
            }
            for deployment_id in store::observation::of_runner(tx, runner_id).await? {
                if !is_seen(deployment_id) {
                    let (nothing, now) = (Seen::default(), app.clock.now());
                    store::observation::put(tx, reporter, deployment_id, nothing, now).await?;
                }
            }
            let deployments = store::deployment::of_runner(&mut *tx, runner_id).await?;
            for (deployment_id, workspace_id) in deployments {
                changed(app, tx, workspace_id, deployment_id);
            }
            Ok(Commit(()))
        })
        .await
}

/// Stores the observed state of one deployment.
///
/// Reports about another runner's deployment, or over a link that is not the runner's newest,
/// are ignored.
pub async fn one(
    app: &App,
    reporter: Reporter,
    workload: &WorkloadObservation,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let Some(workspace_id) = record(app, tx, reporter, workload).await? else {
                return Ok(Abandon(()));
            };
            changed(app, tx, workspace_id, workload.deployment_id);
            Ok(Commit(()))
        })
        .await
}

async fn record(
    app: &App,
    tx: &mut Tx,
    reporter: Reporter,
    workload: &WorkloadObservation,
) -> Result<Option<WorkspaceId>, AppError> {
    let now = app.clock.now();
    let instances: Vec<Instance> = workload
        .instances
        .iter()
        .take(MAX_INSTANCES)
        .cloned()
        .map(|instance| sanitize_instance(instance, now))
        .collect();
    let error = workload
        .error
        .as_ref()
        .map(|error| untrusted_text::sanitize_last_error(error, now));
    let seen = Seen {
        generation: workload.generation,
        instances: &instances,
        error: error.as_ref(),
    };
    let deployment_id = workload.deployment_id;
    let kept = store::observation::put(tx, reporter, deployment_id, seen, now).await?;
    if let Some(workspace_id) = kept {
        let whose = (workspace_id, deployment_id);
        volume::seen_in_use(app, tx, reporter.runner_id, whose, &instances).await?;
    }
    Ok(kept)
}

/// Sanitizes an instance.
fn sanitize_instance(mut instance: Instance, now: Timestamp) -> Instance {
    let error = instance.error.as_ref();
    instance.error = error.map(|error| untrusted_text::sanitize_last_error(error, now));
    instance.ports.truncate(MAX_PORTS);
    instance
}
