//! The autoscaling loop: decides regularly and notifies the runner.

use std::collections::HashMap;

use models::{
    DeploymentId, InstanceId, WorkspaceId,
    deployment::{DesiredState, Freshness, InstanceState, MAX_INSTANCES, ScalingChange},
    time::Timestamp,
};

use super::{
    decide::decide,
    measure::{Measure, Sample, measure, reach_ms},
};
use crate::{
    app::App,
    db::{Abandon, Commit, Snapshot},
    error::AppError,
    services::release::bump_and_notify,
    store::{
        self,
        deployment::Deployment,
        stats_point::PointQuery,
        stats_series::{Series, SeriesId},
    },
};

/// Largest number of a deployment's series to read.
///
/// A crash loop leaves many short-lived instances.
const MOST_SERIES: i64 = 4 * MAX_INSTANCES as i64;

/// Decides for every autoscaled deployment.
pub async fn autoscale_all(app: &App) -> Result<(), AppError> {
    let autoscaled = store::deployment::scaling::autoscaled(&app.db, app.clock.now()).await?;
    for (deployment_id, workspace_id) in autoscaled {
        if let Err(error) = autoscale(app, workspace_id, deployment_id).await {
            tracing::warn!(
                deployment.id = %deployment_id, error = %error.chain(),
                "failed to determine the instance count"
            );
        }
    }
    Ok(())
}

async fn autoscale(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut snapshot = app.db.snapshot().await?;
    let deployment = store::deployment::find(&mut snapshot, workspace_id, deployment_id).await?;
    let samples = samples(app, &mut snapshot, &deployment, now).await?;
    drop(snapshot);
    let Some(measure) = measure_live(app, &deployment, &samples, now) else {
        return Ok(());
    };
    let count = decide(&measure.input);
    if count == measure.input.count {
        return Ok(());
    }
    scale(app, &deployment, &measure, count).await
}

/// Measures the live release; `None` if its state is not known.
fn measure_live(
    app: &App,
    deployment: &Deployment,
    samples: &[Sample],
    now: Timestamp,
) -> Option<Measure> {
    let (spec, live) = (deployment.live_spec()?, deployment.live_release_id()?);
    let observed = deployment.observed(now);
    if observed.freshness != Freshness::Live {
        return None;
    }
    let mut running = observed.instances;
    running.retain(|instance| {
        let runs = matches!(
            instance.state,
            InstanceState::Running | InstanceState::Unhealthy
        );
        runs && instance.release_id == live
    });
    let count = spec.clamp_instances(deployment.scaled_to());
    let times = &app.config.scaling;
    measure(spec, count, &running, samples, (now, times))
}

async fn samples(
    app: &App,
    snapshot: &mut Snapshot,
    deployment: &Deployment,
    now: Timestamp,
) -> Result<Vec<Sample>, AppError> {
    let (workspace_id, id) = (deployment.workspace_id(), deployment.deployment_id());
    let from = now.plus_millis(-reach_ms(&app.config.scaling));
    // Includes samples of this very moment.
    let to = now.plus_millis(1);
    let range = (from, to);
    let series =
        store::stats_series::within(&mut *snapshot, workspace_id, id, range, MOST_SERIES).await?;
    let query = PointQuery {
        from,
        to,
        resolution_ms: 1,
        first: series.last().map_or(SeriesId::LOWEST, |one| one.series_id),
    };
    let named: HashMap<SeriesId, InstanceId> = series.iter().map(name).collect();
    let points = store::stats_sample::points(snapshot, workspace_id, id, query).await?;
    let samples = points.into_iter().filter_map(|(series_id, point)| {
        Some(Sample {
            instance_id: *named.get(&series_id)?,
            at: point.at,
            cpu_millis: point.average.cpu_millis,
        })
    });
    Ok(samples.collect())
}

fn name(series: &Series) -> (SeriesId, InstanceId) {
    (series.series_id, series.instance_id)
}

/// Applies a new instance count, unless the deployment changed since the decision.
///
/// A person or another server may have been faster.
async fn scale(
    app: &App,
    decided_for: &Deployment,
    measure: &Measure,
    count: u16,
) -> Result<(), AppError> {
    let (workspace_id, id) = (decided_for.workspace_id(), decided_for.deployment_id());
    let change = ScalingChange {
        at: app.clock.now(),
        from: measure.input.count,
        to: count,
        cpu_percent: measure.cpu_percent,
        cpu_target_percent: decided_for
            .live_spec()
            .map_or(0, |spec| spec.cpu_target_percent),
        measured_ms: measure.measured_ms,
    };
    let is_scaled: Result<bool, AppError> = app
        .db
        .write(async |tx| {
            let now = store::deployment::find_locked(tx, workspace_id, id).await?;
            let is_same = now.generation == decided_for.generation
                && now.live_release_id() == decided_for.live_release_id()
                && now.desired()? == DesiredState::Running
                && store::release::under_way(&mut *tx, &now).await?.is_none();
            if !is_same {
                return Ok(Abandon(false));
            }
            store::deployment::scaling::set(tx, &now, count).await?;
            store::scaling_change::insert(tx, &now, &change).await?;
            bump_and_notify(app, tx, &now).await?;
            Ok(Commit(true))
        })
        .await;
    if is_scaled? {
        tracing::info!(
            deployment.id = %id, from = change.from, to = change.to,
            cpu.percent = change.cpu_percent, "autoscaled a deployment"
        );
    }
    Ok(())
}
