//! Random actions of people, at any time and on any deployment.

mod runs;

use std::{sync::Arc, time::Duration};

use api::{app::App, error::AppError, services};
use models::{
    DeploymentId, RunnerId, VolumeId,
    api::workspace::deployment::{CreateDeploymentRequest, UpdateDeploymentRequest},
    deployment::{DeploymentSummary, Spec},
    page::{EnvironmentPageQuery, PageQuery},
    value::{ImageDigest, ResourceName},
};
use runner_common::conformance::{App as Program, DATA, FALSE, TRUE, fake::IMAGE};
use serde_json::json;
use tokio::time::timeout;

use crate::cluster::Cluster;

/// The time limit of a request to a silent server, as a browser would have.
const PATIENCE: Duration = Duration::from_secs(30);

/// The CPU limit of an instance of an autoscaled deployment, in thousandths.
const CPU: u64 = 1_000;
/// The target use of CPU, at which the instance count stays.
pub(crate) const CPU_TARGET: u64 = 500;

/// Acts until the faults end.
pub(crate) async fn run(cluster: Arc<Cluster>) {
    let world = &cluster.world;
    while world.elapsed() < world.profile.active_phase {
        world
            .wait(Duration::ZERO, world.profile.max_action_gap)
            .await;
        let apps = cluster.apps();
        let Some(app) = world.draw(|rng| rng.pick(&apps).cloned()) else {
            continue;
        };
        match timeout(PATIENCE, act(&cluster, &app)).await {
            Err(_) => world.count("act unanswered"),
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                world.note(&format!("refused: {}", error.chain()));
                world.count("act refused");
            }
        }
    }
}

async fn act(cluster: &Cluster, app: &App) -> Result<(), AppError> {
    let (world, workspace_id, actor) = (&cluster.world, cluster.workspace_id, &cluster.actor);
    let all =
        services::deployment::list(app, workspace_id, &EnvironmentPageQuery::default()).await?;
    let one = world.draw(|rng| rng.pick(&all.items).cloned());
    let wants_more = all.items.len() < world.profile.deployments;
    let Some(one) = one.filter(|_| !wants_more || world.chance(0.5)) else {
        return create(cluster, app).await;
    };
    let id = one.deployment_id;
    let actions = if world.profile.runs { 26 } else { 20 };
    match world.draw(|rng| rng.below(actions)) {
        0..=2 => {
            record(cluster, "deploy", id);
            services::deployment::deploy(app, actor, workspace_id, id).await?;
        }
        3..=5 => update(cluster, app, &one).await?,
        6..=7 => {
            record(cluster, "stop", id);
            services::deployment::stop(app, workspace_id, id).await?;
        }
        8..=9 => {
            record(cluster, "start", id);
            services::deployment::start(app, actor, workspace_id, id).await?;
        }
        10 => {
            record(cluster, "restart", id);
            services::deployment::restart(app, actor, workspace_id, id).await?;
        }
        11..=12 => {
            record(cluster, "delete", id);
            services::deployment::delete(app, workspace_id, id).await?;
        }
        13..=14 => act_on_release(cluster, app, id, true).await?,
        15..=16 => external_change(cluster),
        20..=23 => runs::create(cluster, app, id).await?,
        24..=25 => runs::cancel(cluster, app, id).await?,
        _ => act_on_release(cluster, app, id, false).await?,
    }
    Ok(())
}

async fn create(cluster: &Cluster, app: &App) -> Result<(), AppError> {
    let world = &cluster.world;
    let number = world.draw(|rng| rng.below(8));
    let runners = cluster.runner_ids();
    let Some(runner_id) = world.draw(|rng| rng.pick(&runners).copied()) else {
        return Ok(());
    };
    world.note(&format!("create app-{number}"));
    world.count("act: create");
    let request = CreateDeploymentRequest {
        environment: None,
        name: ResourceName::trusted(format!("app-{number}")),
        runner_id,
        source: None,
        spec: spec(cluster, app, runner_id).await?,
        machine_type: None,
        deploy: Some(!world.chance(0.1)),
        auto_deploy: draw_auto_deploy(cluster),
    };
    services::deployment::create(app, &cluster.actor, cluster.workspace_id, request).await?;
    Ok(())
}

/// Draws the auto-deploy setting; `None` leaves it unset.
fn draw_auto_deploy(cluster: &Cluster) -> Option<bool> {
    let world = &cluster.world;
    let says = world.profile.pushes && world.chance(0.7);
    says.then(|| world.chance(0.8))
}

async fn update(cluster: &Cluster, app: &App, one: &DeploymentSummary) -> Result<(), AppError> {
    record(cluster, "update", one.deployment_id);
    let known = services::deployment::get(app, cluster.workspace_id, one.deployment_id).await?;
    let runner_id = known.for_reader(&cluster.actor).runner_id;
    let request = UpdateDeploymentRequest {
        spec: spec(cluster, app, runner_id).await?,
        machine_type: None,
        deploy: None,
        auto_deploy: draw_auto_deploy(cluster),
        if_unchanged_since: None,
    };
    let id = one.deployment_id;
    services::deployment::update(app, &cluster.actor, cluster.workspace_id, id, request).await?;
    Ok(())
}

/// Changes something outside of Berth: the load of apps, or a tag at the registry.
fn external_change(cluster: &Cluster) {
    let world = &cluster.world;
    let number = world.draw(|rng| rng.below(4));
    let runner = usize::try_from(number).unwrap_or_default() % world.profile.runners;
    let Some(platform) = cluster.with_host(runner, |host| host.platform.clone()) else {
        return;
    };
    if world.profile.scales && (!world.profile.pushes || world.chance(0.5)) {
        world.count("act: load");
        platform.use_cpu(number * CPU_TARGET);
    } else if world.profile.pushes {
        world.count("act: push");
        let [first, ..] = number.to_le_bytes();
        platform.push(&ImageDigest::sha256([first; 32]));
    }
}

/// Cancels a release or rolls back to it.
async fn act_on_release(
    cluster: &Cluster,
    app: &App,
    id: DeploymentId,
    cancels: bool,
) -> Result<(), AppError> {
    let workspace_id = cluster.workspace_id;
    let page = PageQuery::default();
    let releases = services::release::list(app, workspace_id, id, &page).await?;
    let releases = releases.for_reader(&cluster.actor);
    let chosen = if cancels {
        releases.items.first().cloned()
    } else {
        cluster.world.draw(|rng| rng.pick(&releases.items).cloned())
    };
    let Some(release_id) = chosen.map(|release| release.release_id) else {
        return Ok(());
    };
    if cancels {
        record(cluster, "cancel", id);
        services::release::cancel(app, workspace_id, id, release_id).await
    } else {
        record(cluster, "roll back", id);
        services::deployment::roll_back(app, &cluster.actor, workspace_id, id, release_id).await?;
        Ok(())
    }
}

fn record(cluster: &Cluster, what: &'static str, id: DeploymentId) {
    cluster.world.note(&format!("{what} {id}"));
    cluster.world.count(match what {
        "deploy" => "act: deploy",
        "stop" => "act: stop",
        "start" => "act: start",
        "restart" => "act: restart",
        "delete" => "act: delete",
        "cancel" => "act: cancel",
        "update" => "act: update",
        "run" => "act: run",
        "cancel run" => "act: cancel run",
        _ => "act: roll back",
    });
}

/// Draws a specification, mostly one that works.
async fn spec(cluster: &Cluster, app: &App, runner_id: RunnerId) -> Result<Spec, AppError> {
    let world = &cluster.world;
    let program = world.draw(|rng| match rng.below(10) {
        0 => Program::Ends,
        1 => Program::Lines,
        _ => Program::Mute,
    });
    let volume = if world.chance(0.2) {
        Some(volume(cluster, app, runner_id).await?)
    } else {
        None
    };
    let version = world.draw(|rng| rng.below(4));
    let instances = match volume {
        Some(_) => 1,
        None => 1 + world.draw(|rng| rng.below(3)) / 2,
    };
    let more = world.profile.scales && volume.is_none() && world.chance(0.8);
    let image = if world.chance(0.05) {
        "berth/missing:fake"
    } else {
        IMAGE
    };
    let mut spec = json!({
        "image": image,
        "environment": [
            {"name": Program::VARIABLE, "value": program.name()},
            {"name": "VERSION", "value": version.to_string()},
        ],
        "instances": instances,
    });
    if more {
        spec["resources"] = json!({"cpu_millis": CPU});
        spec["cpu_target_percent"] = json!(CPU_TARGET * 100 / CPU);
        spec["max_instances"] = json!(instances + 1 + world.draw(|rng| rng.below(3)));
    }
    if let Some(volume_id) = volume {
        spec["volumes"] = json!([{"volume_id": volume_id, "path": DATA}]);
        spec["environment"][0]["value"] = json!(Program::Keeps.name());
    }
    if world.chance(0.2) {
        let answer = if world.chance(0.2) { FALSE } else { TRUE };
        spec["startup_probe"] = json!({"kind": "command", "command": [answer]});
    }
    if world.chance(0.2) {
        spec["liveness_probe"] = json!({"kind": "command", "command": [TRUE]});
    }
    serde_json::from_value(spec).map_err(AppError::internal)
}

/// Picks one of a few volumes on the runner, and creates it if it does not exist.
async fn volume(cluster: &Cluster, app: &App, runner_id: RunnerId) -> Result<VolumeId, AppError> {
    let workspace_id = cluster.workspace_id;
    let number = cluster.world.draw(|rng| rng.below(2));
    let runner = cluster.runner_ids().iter().position(|id| *id == runner_id);
    let name = format!("data-{}-{number}", runner.unwrap_or_default());
    let all = services::volume::list(app, workspace_id, &EnvironmentPageQuery::default()).await?;
    if let Some(found) = all.items.iter().find(|one| one.name.as_str() == name) {
        return Ok(found.volume_id);
    }
    let request = json!({"name": name, "runner_id": runner_id, "size_bytes": 1 << 30});
    let request = serde_json::from_value(request).map_err(AppError::internal)?;
    let made = services::volume::create(app, workspace_id, request).await?;
    Ok(made.volume_id)
}
