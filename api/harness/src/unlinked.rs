//! A deployment whose runner never connects.

use api::{clock::Clock, db::Db};
use models::{DeploymentId, RunnerId, WorkspaceId, time::Timestamp};
use serde_json::{Value, json};

use crate::{Client, TestServer};

/// A deployment whose runner never connects, at a clock that the test moves.
///
/// The test makes the runner's reports.
pub struct Unlinked {
    pub server: TestServer,
    pub owner: Client,
    pub clock: Clock,
    pub workspace_id: WorkspaceId,
    pub runner_id: RunnerId,
    pub deployment_id: DeploymentId,
    /// The deployment, as it was created.
    pub deployment: Value,
    /// Its path below the API's prefix.
    pub path: String,
}

impl Unlinked {
    /// Creates it with these fields of the request, beside its name and runner.
    pub async fn new(db: Db, mut request: Value) -> Self {
        let clock = Clock::manual(Timestamp::from_micros(1_790_000_000_000_000));
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner_id = runner["runner"]["runner_id"].clone();
        let deployments = format!("/workspace/{workspace_id}/deployment");
        request["name"] = json!("app");
        request["runner_id"] = runner_id.clone();
        let made = owner.post(&deployments, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let deployment = made.body["deployment"].clone();
        let id = deployment["deployment_id"].clone();
        let deployment_id: DeploymentId = serde_json::from_value(id).unwrap();
        Self {
            path: format!("{deployments}/{deployment_id}"),
            server,
            owner,
            clock,
            workspace_id,
            runner_id: serde_json::from_value(runner_id).unwrap(),
            deployment_id,
            deployment,
        }
    }
}
