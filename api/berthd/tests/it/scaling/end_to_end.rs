//! Autoscaling end to end, from measured use on a platform to the instance count.

use api::db_test;
use harness::{Fake, TestServer, eventually, spec};
use serde_json::json;

use crate::whole;

db_test! {
    async fn a_busy_app_gets_instances_and_an_idle_one_loses_them(db: Db) {
        let settings = [
            ("BERTH__SCALING__DECIDE_EVERY_MS", "200"),
            ("BERTH__SCALING__AVERAGE_OVER_MS", "6000"),
            ("BERTH__SCALING__WARM_UP_MS", "0"),
            ("BERTH__SCALING__CALM_MS", "0"),
        ];
        let server = TestServer::with_settings(whole(db), &settings);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        fake.platform.use_cpu(400);
        let path = format!("/workspace/{workspace_id}/deployment");
        let mut range = spec("1");
        range["max_instances"] = json!(2);
        range["resources"] = json!({"cpu_millis": 400});
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": range});
        let made = owner.post(&path, &request).await.body;
        let id = made["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        let mut stands = async |count: usize| {
            eventually("there are as many as should be", async || {
                let deployment = owner.get(&path).await.body["deployment"].clone();
                let seen = deployment["observed"]["instances"].as_array().unwrap();
                let all_run = seen.iter().all(|one| one["state"] == "running");
                (seen.len() == count && all_run).then_some(deployment)
            })
            .await
        };
        let one = stands(1).await;
        let two = stands(2).await;
        let first = &one["observed"]["instances"][0];
        let seen = two["observed"]["instances"].as_array().unwrap();
        assert!(seen.contains(first), "{first} among {seen:?}");
        assert_eq!(two["release"]["number"], 1);

        fake.platform.use_cpu(10);
        let last = stands(1).await;
        assert_eq!(&last["observed"]["instances"][0], first);
        let change = &last["scale"]["last_change"];
        assert_eq!((&change["from"], &change["to"]), (&json!(2), &json!(1)));
        let page = owner.page(&format!("{path}/metrics")).await.text;
        for mark in ["1 → 2 instances", "2 → 1 instances"] {
            assert!(page.contains(mark), "no {mark:?} in {page}");
        }
    }
}
