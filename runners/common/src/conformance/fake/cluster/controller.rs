//! The controller: as many instances of each set as were asked for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use models::{DeploymentId, InstanceId, RunnerId, runner::WorkloadRelease, value::ImageDigest};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    super::{FakePlatform, FakeRunner},
    ClusterClient,
};
use crate::{
    platform::{
        InstanceKey, InstancePlatform, InstanceSpec, PlatformInstance, PlatformState, RunnerError,
    },
    sync::lock,
};

/// Interval between two checks of the node.
const TICK: Duration = Duration::from_millis(10);
/// Time after which an ended instance is replaced.
const REPLACED_AFTER: Duration = Duration::from_millis(300);

/// Desired sets, each by its owner's mark.
pub(super) type InstanceSets = BTreeMap<String, Sets>;

/// The sets of one deployment.
#[derive(Clone, Debug)]
pub(super) struct Sets {
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    node: Arc<FakeRunner>,
    releases: Vec<(WorkloadRelease, ImageDigest)>,
}

impl ClusterClient {
    /// Sets the releases of a deployment that should run, each with its image's digest.
    pub(super) fn apply(
        &self,
        deployment_id: DeploymentId,
        releases: Vec<(WorkloadRelease, ImageDigest)>,
    ) {
        let ids = [self.runner_id.to_string(), deployment_id.to_string()];
        let mark = self.owner.mark(&["set", &ids[0], &ids[1]]);
        let sets = Sets {
            runner_id: self.runner_id,
            deployment_id,
            node: Arc::clone(&self.node),
            releases,
        };
        lock(&self.cluster.sets).insert(mark, sets);
    }

    /// Creates an instance that the cluster does not replace when it ends.
    pub(super) async fn start_once(
        &self,
        key: InstanceKey,
        release: &WorkloadRelease,
        digest: &ImageDigest,
    ) -> Result<(), RunnerError> {
        start_on(&self.node, key, release, digest).await
    }
}

/// Creates an instance on a node and starts it.
async fn start_on(
    node: &FakeRunner,
    key: InstanceKey,
    release: &WorkloadRelease,
    digest: &ImageDigest,
) -> Result<(), RunnerError> {
    let spec = InstanceSpec {
        key,
        spec: release.spec.clone(),
        image_digest: digest.clone(),
        expected_volumes: Vec::new(),
        network: None,
    };
    node.create(&spec).await?;
    node.start(&key).await
}

/// Brings the node to the desired sets, forever.
pub(super) async fn control(node: FakePlatform, sets: Arc<Mutex<InstanceSets>>) {
    let mut ended = BTreeMap::new();
    loop {
        let wanted: Vec<Sets> = lock(&sets).values().cloned().collect();
        for sets in &wanted {
            sets.settle(&mut ended).await;
        }
        ended.retain(|id, _| node.has(*id));
        sleep(TICK).await;
    }
}

impl Sets {
    async fn settle(&self, ended: &mut BTreeMap<InstanceId, Instant>) {
        let Ok(mut present) = self.node.instances(self.runner_id).await else {
            return;
        };
        present.retain(|instance| instance.key.workload_id() == self.deployment_id.into());
        present.sort_by_key(|instance| instance.key.instance_id);
        let is_wanted = |instance: &PlatformInstance| {
            let id = instance.key.release_id;
            self.releases
                .iter()
                .any(|(release, _)| release.release_id == id)
        };
        for instance in present.iter().filter(|instance| !is_wanted(instance)) {
            self.delete(&instance.key).await;
        }
        for (release, digest) in &self.releases {
            let of_it = present
                .iter()
                .filter(|one| one.key.release_id == release.release_id);
            let mut left = Vec::new();
            for instance in of_it {
                if is_over(instance, release) {
                    let since = *ended
                        .entry(instance.key.instance_id)
                        .or_insert_with(Instant::now);
                    if since.elapsed() >= REPLACED_AFTER {
                        self.delete(&instance.key).await;
                        continue;
                    }
                }
                left.push(instance.key);
            }
            for surplus in left.iter().skip(release.instance_count()) {
                self.delete(surplus).await;
            }
            for _ in left.len()..release.instance_count() {
                self.create(release, digest).await;
            }
        }
    }

    /// Creates an instance and starts it, once.
    async fn create(&self, release: &WorkloadRelease, digest: &ImageDigest) {
        let key = InstanceKey {
            runner_id: self.runner_id,
            deployment_id: self.deployment_id,
            release_id: release.release_id,
            instance_id: InstanceId::from_uuid(Uuid::now_v7()),
            attempt: None,
        };
        start_on(&self.node, key, release, digest).await.ok();
    }

    async fn delete(&self, key: &InstanceKey) {
        self.node.stop(key).await.ok();
        self.node.remove(key).await.ok();
    }
}

/// True if an instance ended and another should follow.
fn is_over(instance: &PlatformInstance, release: &WorkloadRelease) -> bool {
    matches!(instance.state, PlatformState::Exited { code, .. } if release.spec.restart.restarts(code))
}
