//! A cluster in memory, which keeps instances running by itself.
//!
//! It is told how many instances of a release should run, and nothing else: its controller
//! creates them, and replaces one that ended by another. An ended instance never runs again. It
//! has one node, a [`FakePlatform`], whose operations only the controller calls.

mod controller;
mod reconciler;
mod rollout;

use std::sync::{Arc, Mutex, OnceLock};

use models::{RunnerId, VolumeId, runner::RunnerInfo, value::ImageReference};
use tokio_util::task::AbortOnDropHandle;

use self::controller::{InstanceSets, control};
pub use self::reconciler::ClusterReconciler;
use super::{FakePlatform, FakeRunner};
use crate::{
    conformance::Subject,
    context::AgentContext,
    owner::{Owner, OwnerKey},
    platform::{Capabilities, InstanceKey, InstancePlatform, Platform, RunnerError},
    task,
};

/// A cluster in memory. Clones are the same cluster.
#[derive(Clone, Debug)]
pub struct FakeCluster {
    node: FakePlatform,
    sets: Arc<Mutex<InstanceSets>>,
    _controller: Arc<AbortOnDropHandle<()>>,
}

impl FakeCluster {
    /// Starts a cluster and its controller.
    pub fn start() -> Self {
        let (node, sets) = (FakePlatform::default(), Arc::default());
        let controller = task::spawn_owned(control(node.clone(), Arc::clone(&sets)));
        Self {
            node,
            sets,
            _controller: Arc::new(controller),
        }
    }

    /// Returns the number of instances that were ever created.
    pub fn created(&self) -> usize {
        self.node.created()
    }
}

impl Subject for FakeCluster {
    type Runner = ClusterRunner;

    async fn runner(&self) -> ClusterRunner {
        ClusterRunner {
            cluster: self.clone(),
            owner: OnceLock::new(),
        }
    }

    fn image(&self) -> ImageReference {
        self.node.image()
    }

    fn missing_image(&self) -> ImageReference {
        self.node.missing_image()
    }

    async fn kill(&self, instance: &InstanceKey) {
        self.node.kill(instance).await;
    }

    async fn lose(&self, _: VolumeId) {}
}

/// A runner on a [`FakeCluster`], before it has an id.
#[derive(Debug)]
pub struct ClusterRunner {
    cluster: FakeCluster,
    owner: OnceLock<Owner>,
}

impl ClusterRunner {
    /// Returns the client of the cluster, with the runner's ownership marks.
    fn client(&self, runner_id: RunnerId) -> ClusterClient {
        let stranger = || Owner::new(OwnerKey::from_secret(b"nobody"));
        let owner = self.owner.get().cloned().unwrap_or_else(stranger);
        let node = FakeRunner::new(self.cluster.node.clone());
        InstancePlatform::set_owner(&node, owner.clone());
        ClusterClient {
            runner_id,
            owner,
            node: Arc::new(node),
            cluster: self.cluster.clone(),
        }
    }
}

impl Platform for ClusterRunner {
    type Reconciler = ClusterReconciler;

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            volumes: false,
            tags: true,
            runs: true,
            private_networks: false,
            terminals: true,
        }
    }

    async fn fingerprint(&self) -> Result<RunnerInfo, RunnerError> {
        let node = FakeRunner::new(self.cluster.node.clone());
        let kind = "fake-cluster".to_owned();
        let fingerprint = InstancePlatform::fingerprint(&node).await?;
        Ok(RunnerInfo {
            kind,
            ..fingerprint
        })
    }

    fn set_owner(&self, owner: Owner) {
        self.owner.set(owner).ok();
    }

    fn reconciler(self: Arc<Self>, context: Arc<AgentContext>) -> ClusterReconciler {
        let client = self.client(context.runner_id());
        ClusterReconciler { context, client }
    }
}

/// The cluster's API, as one runner may use it.
#[derive(Clone, Debug)]
struct ClusterClient {
    runner_id: RunnerId,
    owner: Owner,
    node: Arc<FakeRunner>,
    cluster: FakeCluster,
}
