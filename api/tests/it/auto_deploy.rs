//! Auto-deploy: releases created because a tag moved.

mod rules;

use std::time::Duration;

use api::{clock::Clock, db::Db, services};
use axum::http::Method;
use harness::{Answer, Client, TestServer, Unlinked, images::digest, unconnected};
use models::{
    DeploymentId, RunnerId, WorkspaceId,
    deployment::{Failure, FailureCode, Fault, ReleasePhase},
    runner::TagReport,
    time::Timestamp,
    value::ImageReference,
};
use serde_json::{Value, json};

/// A server on a manual clock, and a deployment of `app:1` with auto-deploy.
///
/// Its runner never connects; the test makes its reports.
struct Fixture {
    server: TestServer,
    owner: Client,
    clock: Clock,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    path: String,
}

impl Fixture {
    async fn new(db: Db) -> Self {
        let request = json!({"spec": {"image": "app:1"}, "auto_deploy": true});
        let made = Unlinked::new(db, request).await;
        assert_eq!(made.deployment["auto_deploy"], true);
        Self {
            path: made.path,
            server: made.server,
            owner: made.owner,
            clock: made.clock,
            workspace_id: made.workspace_id,
            runner_id: made.runner_id,
            deployment_id: made.deployment_id,
        }
    }

    /// Creates it with the first image live.
    async fn live(db: Db) -> Self {
        let mut fixture = Self::new(db).await;
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        assert_eq!(fixture.finds(&digest(1)).await, 1, "it runs already");
        fixture
    }

    async fn deployment(&mut self) -> Value {
        let answer = self.owner.get(&self.path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["deployment"].clone()
    }

    async fn newest(&mut self) -> i64 {
        self.deployment().await["release"]["number"]
            .as_i64()
            .unwrap()
    }

    /// Ends the newest release in this phase, with this digest.
    async fn ends(&mut self, phase: ReleasePhase, digest: impl Into<Option<&str>>) {
        let release = self.deployment().await["release"]["release_id"].clone();
        let report = json!({
            "deployment_id": self.deployment_id, "release_id": release, "phase": phase,
            "failure": (phase == ReleasePhase::Failed).then(broken), "image_digest": digest.into(),
        });
        self.server.hears(unconnected(self.runner_id), report).await;
    }

    /// The poll serial of the watched tag; `None` if the tag is not watched.
    async fn watched(&self) -> Option<i64> {
        let found =
            services::workload::one_of_runner(&self.server.app, self.runner_id, self.deployment_id);
        let workload = found.await.unwrap().unwrap();
        workload.watched_tag.map(|tag| tag.poll_serial)
    }

    fn answer(&self, digest: &str, poll_serial: i64) -> TagReport {
        TagReport {
            deployment_id: self.deployment_id,
            image: ImageReference::trusted("app:1"),
            poll_serial,
            digest: Some(digest.parse().unwrap()),
            failure: None,
        }
    }

    async fn says(&self, runner_id: RunnerId, report: TagReport) {
        services::auto_deploy::record_report(&self.server.app, unconnected(runner_id), report)
            .await
            .unwrap();
    }

    /// Runs the job for a moved tag; returns the time at which it wants to run again.
    async fn follows(&self) -> Option<Timestamp> {
        services::auto_deploy::deploy_if_due(
            &self.server.app,
            self.workspace_id,
            self.deployment_id,
        )
        .await
        .unwrap()
    }

    /// Reports this digest as the runner would; returns the newest release's number.
    async fn finds(&mut self, digest: &str) -> i64 {
        let serial = self.watched().await.expect("it is watched");
        self.says(self.runner_id, self.answer(digest, serial)).await;
        self.follows().await;
        self.newest().await
    }

    fn minute_passes(&self) {
        self.clock.advance(Duration::from_mins(1));
    }

    async fn act(&mut self, what: &str) -> Answer {
        let path = format!("{}/{what}", self.path);
        let answer = self.owner.call(Method::POST, &path, None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer
    }

    async fn update(&mut self, change: Value) -> Answer {
        self.owner
            .call(Method::PATCH, &self.path, Some(&change))
            .await
    }

    /// The id of the release with this number.
    async fn release(&mut self, number: i64) -> Value {
        let all = self.owner.get(&format!("{}/release", self.path)).await.body;
        let all = all["items"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["number"] == number).unwrap()
    }
}

fn broken() -> Failure {
    Failure {
        fault: Fault::User,
        code: FailureCode::AppExited,
        message: "It ended.".to_owned(),
    }
}
