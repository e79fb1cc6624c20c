//! A deployment with a range of instances, on a manual clock, with an acted runner.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use api::{
    client::ClientAddress,
    clock::Clock,
    services::{
        self,
        stats::{Ingester, ingest},
    },
    store::observation::Reporter,
};
use axum::http::Method;
use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, WorkspaceId,
    deployment::Usage,
    runner::{StatsSample, Workload, WorkloadObservation},
    time::Timestamp,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Backing, Client, TestServer};

pub const SECOND: i64 = 1_000;

pub struct Fixture {
    pub server: TestServer,
    pub owner: Client,
    pub workspace_id: WorkspaceId,
    pub deployment_id: DeploymentId,
    /// The path of the deployment in the API.
    pub path: String,
    clock: Clock,
    runner_id: RunnerId,
    /// The epoch of the runner's newest link.
    epoch: AtomicI64,
    ingester: Ingester,
}

impl Fixture {
    /// Creates a live deployment of 1 to 5 instances with half a processor each.
    pub async fn new(db: impl Into<Backing>) -> Self {
        let clock = Clock::manual(Timestamp::from_micros(1_790_000_100_000_000));
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner_id = &runner["runner"]["runner_id"];
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let spec = spec(json!({"max_instances": 5}));
        let request = json!({"name": "app", "runner_id": runner_id, "spec": spec});
        let made = owner.post(&deployments, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let mut fixture = Self {
            server,
            owner,
            workspace_id,
            deployment_id: id.parse().unwrap(),
            path: format!("{deployments}/{id}"),
            clock,
            runner_id: runner_id.as_str().unwrap().parse().unwrap(),
            epoch: AtomicI64::new(0),
            ingester: Ingester::default(),
        };
        fixture.go_live().await;
        fixture
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The deployment as the API returns it.
    pub async fn get(&mut self) -> Value {
        self.owner.get(&self.path).await.body["deployment"].clone()
    }

    /// The desired instance count.
    pub async fn count(&mut self) -> i64 {
        self.get().await["scale"]["instances"].as_i64().unwrap()
    }

    /// The workload that the runner receives.
    pub async fn workload(&self) -> Workload {
        let (app, id) = (&self.server.app, self.deployment_id);
        let workload = services::workload::one_of_runner(app, self.runner_id, id).await;
        workload.unwrap().unwrap()
    }

    /// Changes the settings, which creates a release.
    pub async fn update(&mut self, change: Value) {
        let change = json!({"spec": spec(change)});
        let answer = self.owner.call(Method::PATCH, &self.path, Some(&change));
        assert_eq!(answer.await.status, 200);
    }

    /// Makes the release of the rollout in progress live.
    pub async fn go_live(&mut self) {
        let deployment = self.get().await;
        let report = json!({
            "deployment_id": self.deployment_id,
            "release_id": deployment["release"]["release_id"], "phase": "live",
        });
        self.server.hears(self.reporter(), report).await;
    }

    /// Lets time pass while these instances of the live release use this much CPU.
    pub async fn run(&mut self, uses: &[u64], seconds: i64) {
        let release_id: ReleaseId = self.workload().await.release.unwrap().release_id;
        for _ in 0..seconds / 5 {
            self.clock.advance(Duration::from_secs(5));
            let samples = uses
                .iter()
                .zip(1..)
                .map(|(cpu_millis, number)| StatsSample {
                    deployment_id: self.deployment_id,
                    release_id,
                    instance_id: instance_id(number),
                    at: self.clock.now(),
                    usage: Usage {
                        cpu_millis: *cpu_millis,
                        ..Usage::default()
                    },
                });
            let (app, samples) = (&self.server.app, samples.collect());
            ingest(app, self.runner_id, &mut self.ingester, samples)
                .await
                .unwrap();
        }
        let instances = uses.iter().zip(1..).map(|(_, number)| {
            json!({
                "instance_id": instance_id(number), "release_id": release_id,
                "state": "running", "started_at": "2020-01-01T00:00:00Z",
            })
        });
        let seen = json!({
            "deployment_id": self.deployment_id, "generation": 1,
            "instances": instances.collect::<Vec<_>>(),
        });
        let seen: WorkloadObservation = serde_json::from_value(seen).unwrap();
        services::observation::one(&self.server.app, self.reporter(), &seen)
            .await
            .unwrap();
    }

    /// Runs one autoscaling decision, while the runner is connected.
    pub async fn decide(&self) {
        self.runner_is_there().await;
        self.decide_alone().await;
    }

    pub async fn runner_is_there(&self) {
        let address = ClientAddress([127, 0, 0, 1].into());
        let epoch = services::runner::acquire_lease(&self.server.app, self.runner_id, address)
            .await
            .unwrap();
        self.epoch.store(epoch, Ordering::Relaxed);
    }

    fn reporter(&self) -> Reporter {
        Reporter {
            runner_id: self.runner_id,
            epoch: self.epoch.load(Ordering::Relaxed),
        }
    }

    /// Runs one autoscaling decision.
    pub async fn decide_alone(&self) {
        services::scaling::autoscale_all(&self.server.app)
            .await
            .unwrap();
    }
}

fn instance_id(number: u128) -> InstanceId {
    InstanceId::from_uuid(Uuid::from_u128(number))
}

fn spec(mut change: Value) -> Value {
    change["image"] = json!("app:1");
    change["resources"] = json!({"cpu_millis": 500});
    change
}
