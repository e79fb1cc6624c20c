//! A runner on a platform in memory, connected over a real WebSocket.

use std::net::SocketAddr;

use models::{RunnerId, WorkspaceId, runner::HostPolicy, value::SecretText};
use runner_common::{
    InstancePlatform, Options,
    conformance::{
        App,
        fake::{FakePlatform, FakeRunner, IMAGE},
        quick_timings,
    },
};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{Client, eventually};

/// A specification that the platform in memory can run, in this version.
pub fn spec(version: &str) -> Value {
    json!({
        "image": IMAGE,
        "environment": [
            {"name": App::VARIABLE, "value": App::Mute.name()},
            {"name": "VERSION", "value": version},
        ],
    })
}

/// A connected fake runner, which disconnects on drop.
pub struct Fake {
    pub runner_id: RunnerId,
    pub platform: FakePlatform,
    /// The host policy, from the next connection on.
    pub policy: HostPolicy,
    token: String,
    running: Option<DropGuard>,
}

impl Fake {
    /// Registers a runner in the workspace and connects it.
    pub async fn join(
        owner: &mut Client,
        workspace_id: WorkspaceId,
        name: &str,
        address: SocketAddr,
    ) -> Self {
        let path = format!("/workspace/{workspace_id}/runner");
        let answer = owner.post(&path, &json!({"name": name})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let runner_id = answer.body["runner"]["runner_id"].as_str().unwrap();
        let mut fake = Self {
            runner_id: runner_id.parse().unwrap(),
            platform: FakePlatform::default(),
            policy: HostPolicy::default(),
            token: answer.body["token"].as_str().unwrap().to_owned(),
            running: None,
        };
        fake.connect(address);
        let path = format!("{path}/{}", fake.runner_id);
        eventually("the runner is connected", async || {
            let answer = owner.get(&path).await;
            (answer.body["runner"]["connected"] == true).then_some(())
        })
        .await;
        fake
    }

    /// Connects, also again after [`Self::leave`], with the platform as it is.
    pub fn connect(&mut self, address: SocketAddr) {
        self.run(FakeRunner::new(self.platform.clone()), address);
    }

    fn run<R: InstancePlatform>(&mut self, runner: R, address: SocketAddr) {
        let shutdown = CancellationToken::new();
        let options = Options {
            server_url: format!("http://{address}").parse().unwrap(),
            token: SecretText::new(self.token.clone()),
            timings: quick_timings(),
            state: None,
            policy: self.policy.clone(),
        };
        tokio::spawn(runner_common::run(runner, options, shutdown.clone()));
        self.running = Some(shutdown.drop_guard());
    }

    /// Stops the runner; its instances stay.
    pub fn leave(&mut self) {
        self.running = None;
    }

    /// Moves the runner to another platform, and leaves the one in memory.
    pub fn move_to<R: InstancePlatform>(&mut self, runner: R, address: SocketAddr) {
        self.running = None;
        self.run(runner, address);
    }

    /// The runner's token.
    pub fn token(&self) -> &str {
        &self.token
    }
}
