//! Convergence: desired, stored, observed and shown state agree.

use std::collections::BTreeMap;

use futures::executor::block_on;
use models::{
    DeploymentId, ReleaseId, RunnerId,
    deployment::{Instance, InstanceState, Spec},
};
use runner_common::{
    InstancePlatform, PlatformInstance,
    conformance::{
        fake::{FakePlatform, FakeRunner},
        read_state,
    },
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{cluster::Cluster, world::lock};

const WANTED: &str =
    "SELECT d.deployment_id, d.runner_id, d.desired, d.generation, d.live_release_id,
        d.scaled_to, v.spec AS live_spec,
        (SELECT r.phase FROM release r WHERE r.deployment_id = d.deployment_id
            AND r.phase NOT IN ('live', 'failed', 'cancelled', 'superseded')) AS under_way,
        o.generation AS observed, o.instances
    FROM deployment d LEFT JOIN observation o ON o.deployment_id = d.deployment_id
    LEFT JOIN release v ON v.release_id = d.live_release_id";
const ACTIVE_RUNS: &str = "SELECT run_id, phase FROM run
    WHERE phase NOT IN ('succeeded', 'failed', 'cancelled')";
const SCALED: &str = "SELECT COUNT(*) FROM scaling_change";
const PUSHED: &str = "SELECT COUNT(*) FROM release WHERE created_by_kind = 'tag'";
const DEAD_JOBS: &str = "SELECT kind, last_error FROM job WHERE dead_at IS NOT NULL";

#[derive(sqlx::FromRow)]
struct Row {
    deployment_id: Uuid,
    runner_id: Uuid,
    desired: String,
    generation: i64,
    live_release_id: Option<Uuid>,
    scaled_to: Option<i64>,
    live_spec: Option<Json<Spec>>,
    under_way: Option<String>,
    observed: Option<i64>,
    instances: Option<Json<Vec<Instance>>>,
}

/// Checks convergence; the error names the first difference.
pub(crate) async fn missing(cluster: &Cluster) -> Result<(), String> {
    let rows = rows(cluster).await?;
    let hosts: Vec<_> = lock(&cluster.hosts)
        .iter()
        .map(|host| (host.runner_id, host.platform.clone(), host.state()))
        .collect();
    for (runner_id, platform, state) in hosts {
        let mine: Vec<&Row> = rows
            .iter()
            .filter(|row| RunnerId::from(row.runner_id) == runner_id)
            .collect();
        let mut there = on_platform(&platform, runner_id).await?;
        for instance in there.values().flatten() {
            if let Some(attempt) = instance.key.attempt {
                return Err(format!("an attempt is left: {attempt:?}"));
            }
        }
        for row in &mine {
            let instances = there.remove(&row.deployment_id.into());
            one(row, &instances.unwrap_or_default())?;
        }
        if let Some((id, left)) = there.first_key_value() {
            return Err(format!("{} instances of {id} are left", left.len()));
        }
        let copy = read_state(&state);
        if copy.is_none() && !mine.is_empty() {
            return Err(format!("runner {runner_id} keeps no copy"));
        }
        let copy = copy.unwrap_or_default();
        if let Some(run) = copy.iter().find_map(|stored| stored.run) {
            return Err(format!("runner {runner_id} keeps run {}", run.run_id));
        }
        if copy.len() != mine.len() {
            let (is, should) = (copy.len(), mine.len());
            return Err(format!("runner {runner_id} keeps {is} of {should}"));
        }
        for row in mine {
            let is_kept = copy.iter().any(|stored| {
                stored.deployment_id == row.deployment_id.into()
                    && stored.generation == row.generation
            });
            if !is_kept {
                let id = row.deployment_id;
                return Err(format!("runner {runner_id} keeps something else of {id}"));
            }
        }
    }
    Ok(())
}

async fn rows(cluster: &Cluster) -> Result<Vec<Row>, String> {
    let mut connection = cluster.connection().await;
    let reading = sqlx::query_as(WANTED).fetch_all(&mut *connection);
    let rows = block_on(tokio::task::coop::unconstrained(reading)).map_err(|e| e.to_string())?;
    let reading = sqlx::query_as(DEAD_JOBS).fetch_all(&mut *connection);
    let dead: Vec<(String, Option<String>)> =
        block_on(tokio::task::coop::unconstrained(reading)).map_err(|e| e.to_string())?;
    let reading = sqlx::query_as(ACTIVE_RUNS).fetch_all(&mut *connection);
    let active: Vec<(Uuid, String)> =
        block_on(tokio::task::coop::unconstrained(reading)).map_err(|e| e.to_string())?;
    if let Some((run_id, phase)) = active.first() {
        return Err(format!("run {run_id} is still {phase}"));
    }
    match dead.first() {
        Some((kind, error)) => Err(format!("a job was given up: {kind}, {error:?}")),
        None => Ok(rows),
    }
}

/// Counts events that only the server's rows reveal.
pub(crate) async fn count(cluster: &Cluster) -> Result<(), String> {
    let mut connection = cluster.connection().await;
    for (what, sql) in [("scaled", SCALED), ("pushed", PUSHED)] {
        let reading = sqlx::query_as::<_, (i64,)>(sql).fetch_one(&mut *connection);
        let found = block_on(tokio::task::coop::unconstrained(reading));
        let (count,) = found.map_err(|error| error.to_string())?;
        for _ in 0..count {
            cluster.world.count(what);
        }
    }
    Ok(())
}

async fn on_platform(
    platform: &FakePlatform,
    runner_id: RunnerId,
) -> Result<BTreeMap<DeploymentId, Vec<PlatformInstance>>, String> {
    let runner = FakeRunner::new(platform.clone());
    let listed = runner.instances(runner_id).await;
    let mut there: BTreeMap<DeploymentId, Vec<PlatformInstance>> = BTreeMap::new();
    for instance in listed.map_err(|error| error.to_string())? {
        let of = there.entry(instance.key.deployment_id).or_default();
        of.push(instance);
    }
    Ok(there)
}

fn one(row: &Row, there: &[PlatformInstance]) -> Result<(), String> {
    let id = row.deployment_id;
    if let Some(phase) = &row.under_way {
        return Err(format!("a release of {id} is still {phase}"));
    }
    if row.desired == "deleted" {
        return Err(format!("{id} is not forgotten yet"));
    }
    let live = row.live_release_id.map(ReleaseId::from);
    let wanted = match row.live_spec.as_ref().filter(|_| row.desired == "running") {
        Some(Json(spec)) => {
            let scaled_to = row.scaled_to.and_then(|count| u16::try_from(count).ok());
            usize::from(spec.clamp_instances(scaled_to))
        }
        None => 0,
    };
    let right = there
        .iter()
        .filter(|one| one.state.is_up() && Some(one.key.release_id) == live);
    if right.count() != wanted || there.len() != wanted {
        return Err(format!(
            "{id} is {} with {wanted} instances of {live:?}, and there is {there:?}",
            row.desired
        ));
    }
    if row.observed != Some(row.generation) {
        let observed = row.observed;
        return Err(format!(
            "{id} is at generation {}, and {observed:?} is shown",
            row.generation
        ));
    }
    let shown = row.instances.as_ref().map_or(&[][..], |Json(shown)| shown);
    let is_shown = |one: &PlatformInstance| {
        shown.iter().any(|shown| {
            shown.instance_id == one.key.instance_id && shown.state == InstanceState::Running
        })
    };
    if shown.len() != there.len() || !there.iter().all(is_shown) {
        return Err(format!("{id} has {there:?}, and {shown:?} is shown"));
    }
    Ok(())
}
