//! Invariants of every moment, checked at every commit, creation and start.

mod runs;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use futures::executor::block_on;
use models::{DeploymentId, InstanceId, ReleaseId};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, PlatformInstance,
    conformance::fake::{FakePlatform, FakeRunner},
};
use sqlx::SqliteConnection;
use uuid::Uuid;

use self::runs::Runs;
use crate::world::{World, lock};

/// The desired state of every deployment, and its acknowledged generation.
const WANTED: &str =
    "SELECT d.deployment_id, d.generation, d.desired, d.live_release_id, r.release_id,
        o.generation
    FROM deployment d
    LEFT JOIN release r ON r.deployment_id = d.deployment_id
        AND r.phase NOT IN ('live', 'failed', 'cancelled', 'superseded')
    LEFT JOIN observation o ON o.deployment_id = d.deployment_id";

type WantedRow = (Uuid, i64, String, Option<Uuid>, Option<Uuid>, Option<i64>);

/// The checker of these invariants.
pub(crate) struct Invariants {
    world: Arc<World>,
    history: Mutex<History>,
    runs: Mutex<Runs>,
}

#[derive(Default)]
struct History {
    deployments: BTreeMap<DeploymentId, Deployment>,
    /// Every instance created so far.
    created: BTreeSet<InstanceId>,
    /// The allowed instance count of each release.
    sizes: BTreeMap<ReleaseId, usize>,
}

#[derive(Default)]
struct Deployment {
    /// The desired state, by generation.
    generations: BTreeMap<i64, Generation>,
    /// The newest generation that the server knows to be acknowledged.
    acknowledged: i64,
    is_gone: bool,
}

/// The desired state in one generation.
#[derive(Default)]
struct Generation {
    releases: BTreeSet<ReleaseId>,
    /// True if a rollout was in progress.
    ///
    /// Until it ends, the state from before it stays in place, and the server may not have
    /// heard of that state.
    is_rolling_out: bool,
    /// True if the runner acknowledged it. A runner neither starts nor removes anything for a
    /// generation that it never heard of.
    is_acknowledged: bool,
}

impl Deployment {
    /// True if an instance of the release may start after the acknowledgment.
    ///
    /// The release must be desired in the acknowledged generation or a later one. While a
    /// rollout is in progress, the generations that it follows count too.
    fn may_live(&self, release: ReleaseId) -> bool {
        let older = self.generations.range(..=self.acknowledged).rev();
        let settled = older
            .filter(|(_, generation)| generation.is_acknowledged && !generation.is_rolling_out)
            .map(|(number, _)| *number)
            .next();
        let mut since = self.generations.range(settled.unwrap_or_default()..);
        !self.is_gone && since.any(|(_, generation)| generation.releases.contains(&release))
    }
}

impl Invariants {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            history: Mutex::default(),
            runs: Mutex::default(),
        }
    }

    /// Checks the state after a commit.
    pub(crate) fn committed(&self, connection: &mut SqliteConnection) {
        lock(&self.runs).committed(&self.world, connection);
        let reading = sqlx::query_as::<_, WantedRow>(WANTED).fetch_all(connection);
        let rows = match block_on(tokio::task::coop::unconstrained(reading)) {
            Ok(rows) => rows,
            Err(error) => return self.world.violate(format!("the database broke: {error}")),
        };
        let mut history = lock(&self.history);
        for deployment in history.deployments.values_mut() {
            deployment.is_gone = true;
        }
        for (id, generation, desired, live, under_way, acknowledged) in rows {
            let deployment = history.deployments.entry(id.into()).or_default();
            deployment.is_gone = false;
            let acknowledged = acknowledged.unwrap_or_default();
            if acknowledged > generation {
                self.world.violate(format!(
                    "deployment {id} is at generation {generation}, and {acknowledged} is worked on"
                ));
            }
            deployment.acknowledged = deployment.acknowledged.max(acknowledged);
            if let Some(generation) = deployment.generations.get_mut(&acknowledged) {
                generation.is_acknowledged = true;
            }
            let generation = deployment.generations.entry(generation).or_default();
            if desired == "running" {
                generation.is_rolling_out = under_way.is_some();
                let wanted = [live, under_way].into_iter().flatten();
                generation.releases.extend(wanted.map(ReleaseId::from));
            }
        }
    }

    /// Checks the creation of an instance.
    pub(crate) fn created(&self, instance: &InstanceSpec) {
        let key = &instance.key;
        self.world.note(&format!(
            "created instance {} of release {}",
            key.instance_id, key.release_id
        ));
        let mut history = lock(&self.history);
        if key.attempt.is_some() {
            // An attempt that was never started may be created again, as the same instance.
            return;
        }
        let size = instance.spec.most_instances().into();
        history.sizes.insert(key.release_id, size);
        if !history.created.insert(key.instance_id) {
            let id = key.instance_id;
            self.world
                .violate(format!("instance {id} was created for the second time"));
        }
        drop(history);
        self.not_of_an_older_generation(key, "created");
    }

    /// Checks the start of an instance.
    pub(crate) async fn started(&self, platform: &FakePlatform, key: &InstanceKey) {
        self.world
            .note(&format!("started instance {}", key.instance_id));
        let runner = FakeRunner::new(platform.clone());
        let listed = runner.instances(key.runner_id).await;
        let Ok(mut up) = listed else {
            return;
        };
        if let Some(attempt) = key.attempt {
            lock(&self.runs).started(&self.world, &up, key, attempt);
            return;
        }
        self.not_of_an_older_generation(key, "started");
        let is_its = |key: &InstanceKey, of: &InstanceKey| {
            key.deployment_id == of.deployment_id && key.attempt.is_none()
        };
        up.retain(|one| one.state.is_up() && is_its(&one.key, key));
        let of_release = up.iter().filter(|one| one.key.release_id == key.release_id);
        let (is, size) = (of_release.count(), self.size(key.release_id));
        if is > size {
            let id = key.release_id;
            self.world
                .violate(format!("{is} instances of release {id} run, not {size}"));
        }
        let volumes: Vec<_> = up.iter().flat_map(|one| &one.volumes).collect();
        if volumes.len() != volumes.iter().collect::<BTreeSet<_>>().len() {
            let id = key.deployment_id;
            self.world
                .violate(format!("two instances of deployment {id} share a volume"));
        }
    }

    /// Records the exits that the runner sees in a listing.
    pub(crate) fn listed(&self, instances: &[PlatformInstance]) {
        lock(&self.runs).listed(self.world.elapsed(), instances);
    }

    /// Records that an attempt is told to stop, so its exit is not its own.
    pub(crate) async fn stopping(&self, platform: &FakePlatform, key: &InstanceKey) {
        if key.attempt.is_none() {
            return;
        }
        let runner = FakeRunner::new(platform.clone());
        let listed = runner.instances(key.runner_id).await.unwrap_or_default();
        if listed
            .iter()
            .any(|one| one.key == *key && one.state.is_up())
        {
            lock(&self.runs).stopped(key);
        }
    }

    /// The allowed instance count of a release.
    fn size(&self, release: ReleaseId) -> usize {
        lock(&self.history)
            .sizes
            .get(&release)
            .copied()
            .unwrap_or(1)
    }

    /// Checks that no release of an older generation comes to life.
    ///
    /// It applies once the server heard that a newer generation is acknowledged.
    fn not_of_an_older_generation(&self, key: &InstanceKey, what: &str) {
        let history = lock(&self.history);
        let Some(deployment) = history.deployments.get(&key.deployment_id) else {
            return;
        };
        if !deployment.may_live(key.release_id) {
            let generation = deployment.acknowledged;
            self.world.violate(format!(
                "an instance of release {} was {what}, though generation {generation} without it \
                 was acknowledged",
                key.release_id
            ));
        }
    }
}
