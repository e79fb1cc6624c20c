//! Observed state in the API and on pages: errors, exits, the place of an image.

use api::db_test;
use axum::http::Method;
use harness::{Client, Fake, TestServer, eventually, spec};
use models::{deployment::FailureCode, time::Timestamp, value::ImageDigest};
use runner_common::{
    RunnerError,
    conformance::{TRUE, fake::FakeCopy},
};
use serde_json::{Value, json};

use crate::whole;

struct Fixture {
    owner: Client,
    fake: Fake,
    deployments: String,
    path: String,
    _server: TestServer,
}

impl Fixture {
    /// Creates a live deployment on a platform that `prepare` has set up.
    async fn of(server: TestServer, prepare: impl FnOnce(&Fake), spec: Value) -> Self {
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        prepare(&fake);
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec});
        let answer = owner.post(&deployments, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{deployments}/{id}");
        let mut fixture = Self {
            owner,
            fake,
            deployments,
            path,
            _server: server,
        };
        let is_live =
            |d: &Value| d["release"]["phase"] == "live" && d["observed"]["summary"] == "running";
        fixture.until("it is live", is_live).await;
        fixture
    }

    async fn until(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let (owner, path) = (&mut self.owner, &self.path);
        eventually(what, async || {
            let deployment = owner.get(path).await.body["deployment"].clone();
            holds(&deployment).then_some(deployment)
        })
        .await
    }

    async fn act(&mut self, verb: &str) {
        let path = format!("{}/{verb}", self.path);
        let answer = self.owner.call(Method::POST, &path, None).await;
        assert_eq!(answer.status, 202, "{verb}: {answer:?}");
    }
}

db_test! {
    async fn a_failed_restart_shows_its_reason_until_it_succeeds(db: Db) {
        let mut fixture = Fixture::of(TestServer::new(whole(db)), |_| {}, spec("1")).await;
        fixture.act("stop").await;
        fixture.until("it is stopped", |d| d["observed"]["summary"] == "stopped").await;
        let gone = || RunnerError::user(FailureCode::ImageNotFound, "There is no such image on earth.");
        fixture.fake.platform.break_it(|faults| {
            faults.pulls.extend(std::iter::repeat_with(gone).take(10_000));
        });
        fixture.act("start").await;
        let shown = fixture.until("why", |d| d["observed"]["error"].is_object()).await;
        let error = &shown["observed"]["error"];
        assert_eq!((&error["code"], &error["fault"]), (&json!("image_not_found"), &json!("user")));
        assert!(error["since"].is_string() && error["next_try_at"].is_string(), "{error}");
        assert_eq!((&shown["desired"], &shown["observed"]["summary"]), (&json!("running"), &json!("stopped")));
        let page = fixture.owner.page(&fixture.path).await;
        assert!(page.text.contains("There is no such image on earth."), "{}", page.text);
        let listed = fixture.owner.get(&fixture.deployments).await.body;
        assert_eq!(listed["items"][0]["observed"]["error"]["code"], "image_not_found");
        let page = fixture.owner.page(&fixture.deployments).await;
        assert!(page.text.contains("image_not_found"), "{}", page.text);

        fixture.fake.platform.break_it(|faults| faults.pulls.clear());
        fixture.until("it is over", |d| {
            d["observed"]["summary"] == "running" && d["observed"]["error"].is_null()
        })
        .await;
    }

    async fn running_out_of_memory_is_reported_for_instances_and_commands(db: Db) {
        let mut spec = spec("1");
        spec["resources"] = json!({"memory_mib": 64});
        let mut fixture = Fixture::of(TestServer::new(whole(db)), |_| {}, spec).await;
        fixture.fake.platform.break_it(|faults| faults.out_of_memory = true);
        let command = format!("{}/command", fixture.path);
        let ended = fixture.owner.post(&command, &json!({"command": [TRUE]})).await;
        assert_eq!(ended.status, 200, "{ended:?}");
        assert_eq!((&ended.body["code"], &ended.body["oom_killed"]), (&json!(137), &json!(true)));
        assert_eq!(ended.body["memory_limit_mib"], 64);

        let deployment = fixture.owner.get(&fixture.path).await.body["deployment"].clone();
        let instance = &deployment["observed"]["instances"][0]["instance_id"];
        let instance = serde_json::from_value(instance.clone()).unwrap();
        fixture.fake.platform.kill_for_memory(instance);
        let shown = fixture.until("why", |d| d["observed"]["error"].is_object()).await;
        let error = &shown["observed"]["error"];
        assert_eq!(error["code"], "out_of_memory");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("killed for exceeding its memory limit of 64 MiB"), "{message}");
    }

    async fn a_release_says_when_it_runs_the_hosts_copy_of_its_image(db: Db) {
        let digest = ImageDigest::sha256([0x0c; 32]);
        let prepare = |fake: &Fake| {
            fake.platform.put_copy(FakeCopy {
                digest: digest.clone(),
                created_at: Timestamp::from_micros(1_700_000_000_000_000),
                is_from_registry: false,
            });
            let missing = RunnerError::user(FailureCode::ImageNotFound, "The registry has no such image.");
            fake.platform.break_it(|faults| faults.lookups.push_back(missing));
        };
        let mut fixture = Fixture::of(TestServer::new(whole(db)), prepare, spec("1")).await;
        let release = fixture.owner.get(&fixture.path).await.body["deployment"]["release"].clone();
        assert_eq!(release["image_digest"], json!(digest));
        let expected = json!({
            "from": "host", "because": "not_found", "built_at": "2023-11-14T22:13:20.000000Z",
        });
        assert_eq!(release["image_source"], expected);
        let page = fixture.owner.page(&fixture.path).await;
        assert!(page.text.contains("not found in the registry, using the copy on"), "{}", page.text);
    }
}
