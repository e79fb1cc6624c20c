//! The invariant of logs: each printed line is stored once, and in order.

use futures::{FutureExt, StreamExt};
use models::{DeploymentId, InstanceId};
use runner_common::{
    InstanceKey, InstancePlatform, LogStart,
    conformance::fake::{FakePlatform, FakeRunner},
};

use api::{app::App, services};

use crate::{cluster::Cluster, world::lock};

/// Checks the logs of all instances.
///
/// The error names an instance with missing, repeated or disordered lines.
pub(crate) async fn compare(cluster: &Cluster) -> Result<(), String> {
    let apps = cluster.apps();
    let app = apps.first().ok_or("no server runs")?;
    let hosts: Vec<_> = lock(&cluster.hosts)
        .iter()
        .map(|host| (host.runner_id, host.platform.clone()))
        .collect();
    for (runner_id, platform) in hosts {
        let runner = FakeRunner::new(platform.clone());
        let instances = runner.instances(runner_id).await;
        for instance in instances.map_err(|error| error.to_string())? {
            let key = instance.key;
            let printed = printed(&platform, &key);
            let kept = kept(cluster, app, key.deployment_id, key.instance_id).await?;
            if printed != kept {
                let at = printed.iter().zip(&kept).take_while(|(a, b)| a == b);
                return Err(format!(
                    "instance {} printed {} lines and {} are kept; they differ from {} on",
                    key.instance_id,
                    printed.len(),
                    kept.len(),
                    at.count()
                ));
            }
            cluster.world.count("log compared");
        }
    }
    Ok(())
}

fn printed(platform: &FakePlatform, key: &InstanceKey) -> Vec<String> {
    let runner = FakeRunner::new(platform.clone());
    let mut lines = Box::pin(runner.logs(key, LogStart::BEGINNING));
    let mut all = Vec::new();
    while let Some(Some(Ok(line))) = lines.next().now_or_never() {
        all.push(String::from_utf8_lossy(&line.bytes).into_owned());
    }
    all
}

async fn kept(
    cluster: &Cluster,
    app: &App,
    deployment_id: DeploymentId,
    instance_id: InstanceId,
) -> Result<Vec<String>, String> {
    let (mut all, mut position) = (Vec::new(), 0);
    loop {
        let found = services::log::following(
            app,
            cluster.workspace_id,
            deployment_id,
            position,
            Some(instance_id),
        );
        let found = found.await.map_err(|error| error.chain())?;
        all.extend(found.lines.into_iter().map(|line| line.text));
        position = found.reached;
        if !found.has_more {
            return Ok(all);
        }
    }
}
