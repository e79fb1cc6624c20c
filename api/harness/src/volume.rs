//! A workspace with runners and volumes.

use std::time::Duration;

use axum::http::Method;
use models::WorkspaceId;
use serde_json::{Value, json};

use crate::{Answer, Client, TestServer, unconnected};

pub const DAY: Duration = Duration::from_hours(24);

/// A workspace with two runners.
pub struct Place {
    pub owner: Client,
    pub path: String,
    pub runner: Value,
    pub other_runner: Value,
    pub token: String,
}

impl Place {
    pub async fn of(server: &TestServer) -> Self {
        let (owner, workspace_id) = server.set_up().await;
        Self::in_workspace(owner, workspace_id).await
    }

    pub async fn in_workspace(mut owner: Client, workspace_id: WorkspaceId) -> Self {
        let path = format!("/workspace/{workspace_id}");
        let runners = format!("{path}/runner");
        let first = owner.post(&runners, &json!({"name": "first"})).await.body;
        let second = owner.post(&runners, &json!({"name": "second"})).await.body;
        Self {
            owner,
            path,
            runner: first["runner"]["runner_id"].clone(),
            other_runner: second["runner"]["runner_id"].clone(),
            token: first["token"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn make(&mut self, name: &str, runner: &Value) -> String {
        let request = json!({"name": name, "runner_id": runner, "size_bytes": 1 << 30});
        let path = format!("{}/volume", self.path);
        let answer = self.owner.post(&path, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = &answer.body["volume"]["volume_id"];
        id.as_str().unwrap().to_owned()
    }

    pub async fn volume(&mut self, name: &str) -> String {
        let runner = self.runner.clone();
        self.make(name, &runner).await
    }

    pub async fn deploy(&mut self, name: &str, volumes: &[&str]) -> Answer {
        let request = json!({"name": name, "runner_id": self.runner, "spec": spec(volumes)});
        let path = format!("{}/deployment", self.path);
        self.owner.post(&path, &request).await
    }

    pub async fn update(&mut self, deployment: &Answer, volumes: &[&str]) -> Answer {
        let id = deployment.body["deployment"]["deployment_id"].as_str();
        let path = format!("{}/deployment/{}", self.path, id.unwrap());
        let request = json!({"spec": spec(volumes)});
        self.owner.call(Method::PATCH, &path, Some(&request)).await
    }

    pub async fn read(&mut self, volume: &str) -> Value {
        let path = format!("{}/volume/{volume}", self.path);
        self.owner.get(&path).await.body["volume"].clone()
    }

    pub async fn change(&mut self, volume: &str, request: &Value) -> Answer {
        let path = format!("{}/volume/{volume}", self.path);
        self.owner.call(Method::PATCH, &path, Some(request)).await
    }

    pub async fn trash(&mut self, volume: &str) -> Answer {
        let path = format!("{}/volume/{volume}", self.path);
        self.owner.call(Method::DELETE, &path, None).await
    }

    pub async fn restore(&mut self, volume: &str) -> Answer {
        let path = format!("{}/volume/{volume}/restore", self.path);
        self.owner.call(Method::POST, &path, None).await
    }
}

/// A specification with volumes at `/data/0`, `/data/1`, …
pub fn spec(volumes: &[&str]) -> Value {
    let volumes = volumes.iter().enumerate();
    let volumes = volumes.map(|(at, id)| json!({"volume_id": id, "path": format!("/data/{at}")}));
    json!({"image": "app:1", "volumes": volumes.collect::<Vec<_>>()})
}

/// Reports the phase of a release, as its runner would.
pub async fn report(server: &TestServer, place: &Place, deployment: &Answer, phase: &str) {
    let deployment = &deployment.body["deployment"];
    let report = json!({
        "deployment_id": deployment["deployment_id"],
        "release_id": deployment["release"]["release_id"],
        "phase": phase,
    });
    let runner_id = place.runner.as_str().unwrap().parse().unwrap();
    server.hears(unconnected(runner_id), report).await;
}
