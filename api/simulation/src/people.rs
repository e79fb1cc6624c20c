//! Random actions of people, at any time and on any deployment.

use std::{sync::Arc, time::Duration};

use api::{app::App, error::AppError, services};
use models::{
    DeploymentId, RunnerId, VolumeId,
    api::workspace::deployment::{CreateDeploymentRequest, UpdateDeploymentRequest},
    deployment::{DeploymentSummary, Spec},
    page::PageQuery,
    value::ResourceName,
};
use runner_common::conformance::{App as Program, DATA, FALSE, TRUE, fake::IMAGE};
use serde_json::json;
use tokio::time::timeout;

use crate::cast::Cast;

/// The time limit of a request to a silent server, as a browser would have.
const PATIENCE: Duration = Duration::from_secs(30);

/// The CPU limit of an instance of an autoscaled deployment, in thousandths.
const CPU: u64 = 1_000;
/// The target use of CPU, at which the instance count stays.
pub(crate) const CPU_TARGET: u64 = 500;

/// Acts until the faults end.
pub(crate) async fn act(cast: Arc<Cast>) {
    let world = &cast.world;
    while world.elapsed() < world.nature.unrest {
        world.wait(Duration::ZERO, world.nature.act_within).await;
        let apps = cast.apps();
        let Some(app) = world.draw(|chance| chance.pick(&apps).cloned()) else {
            continue;
        };
        match timeout(PATIENCE, act_once(&cast, &app)).await {
            Err(_) => world.count("act unanswered"),
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                world.note(&format!("refused: {}", error.chain()));
                world.count("act refused");
            }
        }
    }
}

async fn act_once(cast: &Cast, app: &App) -> Result<(), AppError> {
    let (world, workspace_id, actor) = (&cast.world, cast.workspace_id, &cast.actor);
    let all = services::deployment::list(app, workspace_id, &PageQuery::default()).await?;
    let one = world.draw(|chance| chance.pick(&all.items).cloned());
    let wants_more = all.items.len() < world.nature.deployments;
    let Some(one) = one.filter(|_| !wants_more || world.happens(0.5)) else {
        return create(cast, app).await;
    };
    let id = one.deployment_id;
    match world.draw(|chance| chance.below(20)) {
        0..=2 => {
            did(cast, "deploy", id);
            services::deployment::deploy(app, actor, workspace_id, id).await?;
        }
        3..=5 => update(cast, app, &one).await?,
        6..=7 => {
            did(cast, "stop", id);
            services::deployment::stop(app, workspace_id, id).await?;
        }
        8..=9 => {
            did(cast, "start", id);
            services::deployment::start(app, actor, workspace_id, id).await?;
        }
        10 => {
            did(cast, "restart", id);
            services::deployment::restart(app, actor, workspace_id, id).await?;
        }
        11..=12 => {
            did(cast, "delete", id);
            services::deployment::delete(app, workspace_id, id).await?;
        }
        13..=14 => on_a_release(cast, app, id, true).await?,
        15..=16 => outside(cast),
        _ => on_a_release(cast, app, id, false).await?,
    }
    Ok(())
}

async fn create(cast: &Cast, app: &App) -> Result<(), AppError> {
    let world = &cast.world;
    let number = world.draw(|chance| chance.below(8));
    let runners = cast.runner_ids();
    let Some(runner_id) = world.draw(|chance| chance.pick(&runners).copied()) else {
        return Ok(());
    };
    world.note(&format!("create app-{number}"));
    world.count("act: create");
    let request = CreateDeploymentRequest {
        name: ResourceName::trusted(format!("app-{number}")),
        runner_id,
        spec: spec(cast, app, runner_id).await?,
        machine_type: None,
        deploy: Some(!world.happens(0.1)),
        deploy_on_push: watches(cast),
    };
    services::deployment::create(app, &cast.actor, cast.workspace_id, request).await?;
    Ok(())
}

/// Draws the auto-deploy setting; `None` leaves it unset.
fn watches(cast: &Cast) -> Option<bool> {
    let world = &cast.world;
    let says = world.nature.pushes && world.happens(0.7);
    says.then(|| world.happens(0.8))
}

async fn update(cast: &Cast, app: &App, one: &DeploymentSummary) -> Result<(), AppError> {
    did(cast, "update", one.deployment_id);
    let known = services::deployment::get(app, cast.workspace_id, one.deployment_id).await?;
    let runner_id = known.for_reader(&cast.actor).runner_id;
    let request = UpdateDeploymentRequest {
        spec: spec(cast, app, runner_id).await?,
        machine_type: None,
        deploy: None,
        deploy_on_push: watches(cast),
        if_unchanged_since: None,
    };
    let id = one.deployment_id;
    services::deployment::update(app, &cast.actor, cast.workspace_id, id, request).await?;
    Ok(())
}

/// Changes something outside of Berth: the load of apps, or a tag at the registry.
fn outside(cast: &Cast) {
    let world = &cast.world;
    let number = world.draw(|chance| chance.below(4));
    let runner = usize::try_from(number).unwrap_or_default() % world.nature.runners;
    let Some(platform) = cast.with_host(runner, |host| host.platform.clone()) else {
        return;
    };
    if world.nature.scales && (!world.nature.pushes || world.happens(0.5)) {
        world.count("act: load");
        platform.use_cpu(number * CPU_TARGET);
    } else if world.nature.pushes {
        world.count("act: push");
        platform.push(&format!("sha256:{number:064x}"));
    }
}

/// Cancels a release or rolls back to it.
async fn on_a_release(
    cast: &Cast,
    app: &App,
    id: DeploymentId,
    cancels: bool,
) -> Result<(), AppError> {
    let workspace_id = cast.workspace_id;
    let page = PageQuery::default();
    let releases = services::release::list(app, workspace_id, id, &page).await?;
    let releases = releases.for_reader(&cast.actor);
    let chosen = if cancels {
        releases.items.first().cloned()
    } else {
        cast.world
            .draw(|chance| chance.pick(&releases.items).cloned())
    };
    let Some(release_id) = chosen.map(|release| release.release_id) else {
        return Ok(());
    };
    if cancels {
        did(cast, "cancel", id);
        services::release::cancel(app, workspace_id, id, release_id).await
    } else {
        did(cast, "roll back", id);
        services::deployment::roll_back(app, &cast.actor, workspace_id, id, release_id).await?;
        Ok(())
    }
}

fn did(cast: &Cast, what: &'static str, id: DeploymentId) {
    cast.world.note(&format!("{what} {id}"));
    cast.world.count(match what {
        "deploy" => "act: deploy",
        "stop" => "act: stop",
        "start" => "act: start",
        "restart" => "act: restart",
        "delete" => "act: delete",
        "cancel" => "act: cancel",
        "update" => "act: update",
        _ => "act: roll back",
    });
}

/// Draws a specification, mostly one that works.
async fn spec(cast: &Cast, app: &App, runner_id: RunnerId) -> Result<Spec, AppError> {
    let world = &cast.world;
    let program = world.draw(|chance| match chance.below(10) {
        0 => Program::Ends,
        1 => Program::Lines,
        _ => Program::Mute,
    });
    let volume = if world.happens(0.2) {
        Some(volume(cast, app, runner_id).await?)
    } else {
        None
    };
    let version = world.draw(|chance| chance.below(4));
    let instances = match volume {
        Some(_) => 1,
        None => 1 + world.draw(|chance| chance.below(3)) / 2,
    };
    let more = world.nature.scales && volume.is_none() && world.happens(0.8);
    let image = if world.happens(0.05) {
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
        spec["max_instances"] = json!(instances + 1 + world.draw(|chance| chance.below(3)));
    }
    if let Some(volume_id) = volume {
        spec["volumes"] = json!([{"volume_id": volume_id, "path": DATA}]);
        spec["environment"][0]["value"] = json!(Program::Keeps.name());
    }
    if world.happens(0.2) {
        let answer = if world.happens(0.2) { FALSE } else { TRUE };
        spec["startup_probe"] = json!({"kind": "command", "command": [answer]});
    }
    if world.happens(0.2) {
        spec["liveness_probe"] = json!({"kind": "command", "command": [TRUE]});
    }
    serde_json::from_value(spec).map_err(AppError::internal)
}

/// Picks one of a few volumes on the runner, and creates it if it does not exist.
async fn volume(cast: &Cast, app: &App, runner_id: RunnerId) -> Result<VolumeId, AppError> {
    let workspace_id = cast.workspace_id;
    let number = cast.world.draw(|chance| chance.below(2));
    let runner = cast.runner_ids().iter().position(|id| *id == runner_id);
    let name = format!("data-{}-{number}", runner.unwrap_or_default());
    let all = services::volume::list(app, workspace_id, &PageQuery::default()).await?;
    if let Some(found) = all.items.iter().find(|one| one.name.as_str() == name) {
        return Ok(found.volume_id);
    }
    let request = json!({"name": name, "runner_id": runner_id, "size_bytes": 1 << 30});
    let request = serde_json::from_value(request).map_err(AppError::internal)?;
    let made = services::volume::create(app, workspace_id, request).await?;
    Ok(made.volume_id)
}
