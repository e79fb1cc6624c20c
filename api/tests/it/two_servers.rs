//! Two servers on one PostgreSQL database, connected by Redis.

use api::db::testing;
use axum::http::Method;
use harness::{Fake, TestServer, eventually, registration::RegistrationClient, spec};
use serde_json::json;

/// The variable with the address of the Redis server for tests.
const REDIS_URL: &str = "BERTH_TEST_REDIS_URL";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_to_one_server_reaches_a_runner_of_the_other() {
    let Some(redis) = testing::required(REDIS_URL) else {
        return;
    };
    testing::with_postgres(async |db| {
        let settings = [("BERTH__BUS__REDIS_URL", redis.as_str())];
        let first = TestServer::with_settings(db, &settings);
        let second = first.beside(&settings);
        let (mut owner, workspace_id) = first.set_up().await;
        let (address, other_address) = (first.serve().await, second.serve().await);
        let mut fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        // The same session on the other server.
        let mut owner = owner.at(&second);
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec("1")});
        let made = owner.post(&deployments, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{deployments}/{id}");
        eventually("it is live as the other server sees it", async || {
            let deployment = owner.get(&path).await.body["deployment"].clone();
            let is_live = deployment["release"]["phase"] == "live"
                && deployment["observed"]["freshness"] == "live";
            is_live.then_some(())
        })
        .await;

        // The runner moves to the other server; its epoch there is newer than all before.
        fake.leave();
        fake.connect(other_address);
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        eventually("it is gone", async || {
            (owner.get(&path).await.status == 404).then_some(())
        })
        .await;
        assert_eq!(fake.platform.present(), 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_runner_that_waits_at_one_server_is_approved_at_the_other() {
    let Some(redis) = testing::required(REDIS_URL) else {
        return;
    };
    testing::with_postgres(async |db| {
        let settings = [("BERTH__BUS__REDIS_URL", redis.as_str())];
        let first = TestServer::with_settings(db, &settings);
        let second = first.beside(&settings);
        let (owner, workspace_id) = first.set_up().await;
        let (address, _) = (first.serve().await, second.serve().await);
        let mut client = RegistrationClient::open(address).await;
        let code = client.code().await;

        let mut owner = owner.at(&second);
        let path = format!("/workspace/{workspace_id}/registration");
        let found = owner.post(&path, &json!({"code": code})).await;
        assert_eq!(found.status, 200, "{found:?}");
        let id = found.body["registration"]["registration_id"]
            .as_str()
            .unwrap();
        let made = owner
            .post(&format!("{path}/{id}/approve"), &json!({"name": "first"}))
            .await;
        let runner_id = client.approval().await.to_string();
        assert_eq!(made.body["runner"]["runner_id"], runner_id.as_str());
    })
    .await;
}
