//! Autoscaling on a real Docker Engine, of an app that uses all the CPU it may.

#[expect(dead_code, reason = "the runner's own tests use the rest of it")]
#[path = "../../../../../runners/docker/tests/engine/test_image.rs"]
mod test_image;

use api::db_test;
use axum::http::Method;
use bollard::Docker;
use harness::{Fake, TestServer, eventually};
use runner_docker::{DockerOptions, DockerRunner};
use serde_json::{Value, json};

db_test! {
    async fn an_app_that_burns_all_it_may_gets_another_instance(db: Db) {
        if std::env::var_os("BERTH_TEST_DOCKER").is_none() {
            return eprintln!("skipped: there is no Docker Engine");
        }
        let docker = Docker::connect_with_unix_defaults().unwrap();
        test_image::make(&docker.negotiate_version().await.unwrap()).await;
        let settings = [
            ("BERTH__SCALING__DECIDE_EVERY_MS", "200"),
            ("BERTH__SCALING__AVERAGE_OVER_MS", "10000"),
            ("BERTH__SCALING__WARM_UP_MS", "0"),
        ];
        let server = TestServer::with_settings(db, &settings);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let mut runner = Fake::join(&mut owner, workspace_id, "engine", address).await;
        runner.move_to(DockerRunner::new(DockerOptions::default()), address);

        let path = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "busy", "runner_id": runner.runner_id, "spec": {
            "image": test_image::NAME,
            "entrypoint": ["/bin/sh", "-c", "while :; do :; done"],
            "resources": {"cpu_millis": 50}, "max_instances": 2, "stop": {"grace_ms": 0},
        }});
        let made = owner.post(&path, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        let running = |deployment: &Value| {
            let seen = deployment["observed"]["instances"].as_array().unwrap();
            seen.iter().filter(|one| one["state"] == "running").count()
        };
        let two = eventually("two instances run", async || {
            let deployment = owner.get(&path).await.body["deployment"].clone();
            (running(&deployment) == 2).then_some(deployment)
        })
        .await;
        let change = &two["scale"]["last_change"];
        assert!(change["cpu_percent"].as_u64().unwrap() > 88, "{change}");
        assert_eq!(two["release"]["number"], 1);

        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        eventually("nothing is left", async || {
            (owner.get(&path).await.status == 404).then_some(())
        })
        .await;
    }
}
