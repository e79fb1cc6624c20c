//! Class 27: a name that is a prefix of another is a different name.

use api::db_test;
use axum::http::Method;
use harness::{TestServer, Things};
use models::api::ALL;
use serde_json::json;

db_test! {
    async fn an_action_on_a_does_not_affect_ab(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let of = |what: &str| format!("/workspace/{workspace_id}/{what}");
        let runner = owner.post(&of("runner"), &json!({"name": "a"})).await.body;
        let runner = &runner["runner"]["runner_id"];
        assert_eq!(owner.post(&of("runner"), &json!({"name": "ab"})).await.status, 201);
        for name in ["a", "ab", "a-b", "b"] {
            let secret = json!({"name": name, "secret_value": "hush"});
            let secret = owner.post(&of("secret"), &secret).await;
            assert_eq!(secret.status, 201, "{secret:?}");
            let spec = json!({"image": "app:1", "environment": [
                {"name": "A", "secret_id": secret.body["secret"]["secret_id"]},
            ]});
            let made = json!({"name": name, "runner_id": runner, "spec": spec});
            let made = owner.post(&of("deployment"), &made).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
        let all = owner.get(&of("deployment")).await.body;
        let first = &all["items"][0];
        assert_eq!(first["name"], "a");
        let id = first["deployment_id"].as_str().unwrap();
        let gone = owner.call(Method::DELETE, &of(&format!("deployment/{id}")), None).await;
        assert!(gone.status < 300, "{gone:?}");
        let left = owner.get(&of("deployment")).await.body;
        for item in left["items"].as_array().unwrap() {
            let is_deleted = item["desired"] == "deleted";
            assert_eq!(is_deleted, item["name"] == "a", "{item}");
        }
        for secret in owner.get(&of("secret")).await.body["items"].as_array().unwrap() {
            let used_by = secret["used_by"].as_array().unwrap();
            assert!(used_by.iter().all(|user| user["name"] == secret["name"]), "{secret}");
        }
    }

    async fn a_part_of_an_id_and_more_than_an_id_are_not_found(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut walked = 0;
        for info in ALL {
            let real = things.path(info);
            for (field, id) in info.path.split('/').zip(real.split('/')) {
                if !field.starts_with('{') {
                    continue;
                }
                for wrong in [&id[..8], &id[..35], &format!("{id}0"), &format!("{id}%00"), &format!("{id}*"), "*", "%"] {
                    let path = real.replacen(id, wrong, 1);
                    let Ok(uri) = path.parse::<axum::http::Uri>() else {
                        continue;
                    };
                    let answer = owner.call(info.method.clone(), &uri.to_string(), None).await;
                    assert_eq!(answer.status, 404, "{} {path}: {answer:?}", info.name);
                    walked += 1;
                }
            }
        }
        assert!(walked > 500, "only {walked} ids were tried");
    }
}
