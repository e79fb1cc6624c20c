//! Sizes of instances: by machine type, by custom values, and beyond the host.

use api::db_test;
use axum::http::Method;
use harness::{Client, Fake, TestServer, spec};
use models::runner::HostPolicy;
use serde_json::{Value, json};

use crate::whole;

async fn runner(owner: &mut Client, workspace: &str) -> Value {
    let path = format!("{workspace}/runner");
    let runner = owner.post(&path, &json!({"name": "first"})).await.body;
    runner["runner"]["runner_id"].clone()
}

db_test! {
    async fn a_machine_type_is_a_name_for_two_numbers(db: Db) {
        let offered = r#"[{name="small", cpu_millis=500, memory_mib=512}, {name="any"}]"#;
        let settings = [("BERTH__MACHINE_TYPES__OFFERED", offered)];
        let server = TestServer::with_settings(whole(db), &settings);
        assert_eq!(server.anybody().get("/machine-type").await.status, 401);
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let list = owner.get("/machine-type").await.body;
        assert_eq!(list, json!({"machine_types": [
            {"name": "small", "resources": {"cpu_millis": 500, "memory_mib": 512}},
            {"name": "any", "resources": {}},
        ]}));

        let runner_id = runner(&mut owner, &workspace).await;
        let path = format!("{workspace}/deployment");
        let request = |chosen: &str, spec: Value| {
            json!({"name": "app", "runner_id": runner_id, "machine_type": chosen, "spec": spec})
        };
        let own = json!({"image": "app:1", "resources": {"cpu_millis": 500}});
        for (chosen, spec) in [("vast", json!({"image": "app:1"})), ("small", own)] {
            let answer = owner.post(&path, &request(chosen, spec)).await;
            assert_eq!(answer.status, 422, "{answer:?}");
            assert_eq!(answer.code(), "validation_failed");
            assert_eq!(answer.body["fields"][0]["field"], "machine_type");
        }
        let made = owner.post(&path, &request("small", json!({"image": "app:1"}))).await;
        assert_eq!(made.status, 201, "{made:?}");
        let small = json!({"cpu_millis": 500, "memory_mib": 512});
        assert_eq!(made.body["deployment"]["spec"]["resources"], small);
        assert_eq!(made.body["deployment"]["release"]["spec"]["resources"], small);
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        // The same size given twice is neither a contradiction nor a change.
        let same = json!({"image": "app:1", "resources": small});
        let same = json!({"spec": same, "machine_type": "small"});
        let same = owner.call(Method::PATCH, &path, Some(&same)).await;
        assert_eq!(same.body["deployment"]["updated_at"], made.body["deployment"]["updated_at"]);
    }

    async fn a_machine_type_is_chosen_in_a_plain_form_and_shown(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let runner_id = runner(&mut owner, &workspace).await;
        let runner_id = runner_id.as_str().unwrap();
        let new = owner.page(&format!("{workspace}/deployment/new")).await.text;
        assert!(new.contains("small: 0.5 CPU, 512 MiB"), "{new}");
        assert!(new.contains("<option value=\"unlimited\" selected>"), "{new}");

        let (page, id) = (format!("{workspace}/deployment/new"), workspace_id.to_string());
        let fields = [
            ("_page", page.as_str()), ("_success", "/{deployment.deployment_id}"),
            ("_path.workspace_id", id.as_str()), ("name", "app"), ("runner_id", runner_id),
            ("spec[image]", "app:1"), ("machine_type", "small"), ("spec[instances]", "1"),
            ("spec[max_instances]", "3"), ("spec[cpu_target_percent]", "70"),
        ];
        let own = [&fields[..], &[("spec[resources][memory_mib]", "64")]].concat();
        let answer = owner.submit("CreateDeployment", &own).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("Choose custom values, or leave them empty"), "{}", answer.text);
        assert!(answer.text.contains("<option value=\"small\" selected>"), "{}", answer.text);
        let answer = owner.submit("CreateDeployment", &fields).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let deployment = answer.headers["location"].to_str().unwrap().trim_matches('/');

        let path = format!("{workspace}/deployment/{deployment}");
        let made = owner.get(&path).await.body["deployment"]["spec"].clone();
        assert_eq!(made["resources"], json!({"cpu_millis": 500, "memory_mib": 512}));
        assert_eq!((&made["max_instances"], &made["cpu_target_percent"]), (&json!(3), &json!(70)));
        let page = owner.page(&path).await.text;
        assert!(page.contains("small: 0.5 CPU, 512 MiB"), "{page}");
        let settings = owner.page(&format!("{path}/settings")).await.text;
        assert!(settings.contains("<option value=\"small\" selected>"), "{settings}");
    }

    async fn more_than_the_runners_host_gives_is_refused_before_there_is_a_release(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let address = server.serve().await;
        let mut fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        fake.leave();
        fake.policy = HostPolicy { max_instances: Some(2), ..HostPolicy::default() };
        fake.connect(address);
        let about = format!("{workspace}/runner/{}", fake.runner_id);
        harness::eventually("the policy is known", async || {
            let runner = owner.get(&about).await.body["runner"].clone();
            (runner["about"]["policy"]["max_instances"] == 2).then_some(())
        })
        .await;
        let path = format!("{workspace}/deployment");
        for (field, change) in [
            ("spec.resources.cpu_millis", json!({"resources": {"cpu_millis": 1_001}})),
            ("spec.resources.memory_mib", json!({"resources": {"memory_mib": 1_025}})),
            ("spec.instances", json!({"instances": 3})),
            ("spec.max_instances", json!({"max_instances": 3})),
        ] {
            let mut spec = spec("1");
            spec.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            for deploy in [true, false] {
                let request = json!({
                    "name": "app", "runner_id": fake.runner_id, "deploy": deploy, "spec": spec,
                });
                let answer = owner.post(&path, &request).await;
                assert_eq!(answer.status, 422, "{answer:?}");
                assert_eq!(answer.code(), "runner_too_small");
                assert_eq!(answer.body["fields"][0]["field"], field);
            }
        }
        assert_eq!(owner.get(&path).await.body["total"], 0);

        let (page, id) = (format!("{path}/new"), workspace_id.to_string());
        let runner_id = fake.runner_id.to_string();
        let fields = [
            ("_page", page.as_str()), ("_success", "/"), ("_path.workspace_id", id.as_str()),
            ("name", "app"), ("runner_id", runner_id.as_str()), ("spec[image]", "app:1"),
            ("machine_type", "large"),
        ];
        let answer = owner.submit("CreateDeployment", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("at most 1000: "), "{}", answer.text);
    }
}
