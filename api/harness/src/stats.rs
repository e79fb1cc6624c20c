//! A deployment with measured instances.

use std::time::Duration;

use api::{
    clock::Clock,
    services::{
        self,
        stats::{Ingester, ingest},
    },
    store::{self, stats_point::PointQuery, stats_series::SeriesId},
};
use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, WorkspaceId,
    api::workspace::deployment::{GetStatsQuery, GetStatsResponse},
    deployment::Usage,
    runner::StatsSample,
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Backing, Client, TestServer};

pub const SECOND: i64 = 1_000;
pub const HOUR: i64 = 3_600 * SECOND;
pub const DAY: i64 = 24 * HOUR;

/// A server, by default on a manual clock, and a deployment on it.
pub struct Fixture {
    pub server: TestServer,
    pub owner: Client,
    pub clock: Clock,
    pub workspace_id: WorkspaceId,
    pub runner_id: RunnerId,
    pub deployment_id: DeploymentId,
    pub ingester: Ingester,
}

impl Fixture {
    pub async fn new(db: impl Into<Backing>) -> Self {
        // The start of a rollup interval.
        Self::on(
            db,
            Clock::manual(Timestamp::from_micros(1_790_000_100_000_000)),
        )
        .await
    }

    pub async fn on(db: impl Into<Backing>, clock: Clock) -> Self {
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner_id = runner["runner"]["runner_id"].clone();
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": runner_id, "spec": {
            "image": "app:1", "resources": {"memory_mib": 512},
        }});
        let deployment = owner.post(&deployments, &request).await.body;
        let deployment_id = &deployment["deployment"]["deployment_id"];
        Self {
            server,
            owner,
            clock,
            workspace_id,
            runner_id: serde_json::from_value(runner_id).unwrap(),
            deployment_id: serde_json::from_value(deployment_id.clone()).unwrap(),
            ingester: Ingester::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn pass(&self, millis: i64) {
        let millis = u64::try_from(millis).unwrap();
        self.clock.advance(Duration::from_millis(millis));
    }

    /// A sample of this moment, with the same number in every field.
    pub fn sample(&self, instance: u128, number: u64) -> StatsSample {
        StatsSample {
            deployment_id: self.deployment_id,
            release_id: ReleaseId::from_uuid(Uuid::from_u128(1)),
            instance_id: InstanceId::from_uuid(Uuid::from_u128(instance)),
            at: self.now(),
            usage: Usage::default().map(|_| number),
        }
    }

    pub async fn ingest(&mut self, samples: Vec<StatsSample>) {
        let (app, ingester) = (&self.server.app, &mut self.ingester);
        ingest(app, self.runner_id, ingester, samples)
            .await
            .unwrap();
    }

    pub async fn read(&self, from: Timestamp, to: Timestamp) -> GetStatsResponse {
        let query = GetStatsQuery {
            from: Some(from),
            to: Some(to),
        };
        let (workspace_id, deployment_id) = (self.workspace_id, self.deployment_id);
        services::stats::get(&self.server.app, workspace_id, deployment_id, &query)
            .await
            .unwrap()
    }

    /// Counts the samples stored at full resolution, independently of the API.
    pub async fn kept(&self) -> usize {
        let query = PointQuery {
            from: Timestamp::from_micros(0),
            to: Timestamp::from_micros(i64::MAX),
            resolution_ms: 1,
            first: SeriesId::LOWEST,
        };
        let (db, workspace_id) = (&self.server.app.db, self.workspace_id);
        let points = store::stats_sample::points(db, workspace_id, self.deployment_id, query);
        points.await.unwrap().len()
    }

    pub async fn roll_up(&self) {
        services::stats::roll_up_due(&self.server.app)
            .await
            .unwrap();
    }
}

pub fn numbers(stats: &GetStatsResponse) -> Vec<(u64, u64)> {
    let [series] = stats.series.as_slice() else {
        panic!("not one series: {stats:?}");
    };
    let points = series.points.iter();
    points
        .inspect(|point| {
            let (average, maximum) = (point.average, point.maximum);
            assert_eq!(average, Usage::default().map(|_| average.cpu_millis));
            assert_eq!(maximum, Usage::default().map(|_| maximum.cpu_millis));
        })
        .map(|point| (point.average.cpu_millis, point.maximum.cpu_millis))
        .collect()
}
