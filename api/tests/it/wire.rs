//! Rules for every response under `/api`.

use api::{db_test, http::Api, openapi, routes};
use axum::{
    body::Body,
    http::{Method, Request},
};
use harness::{Answer, TestServer};
use models::api::{ALL, PREFIX};
use serde_json::{Value, json};

db_test! {
    async fn errors_have_one_form_everywhere(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let missing = format!("/workspace/{workspace_id}/deployment/no-id");
        let runners = format!("/workspace/{workspace_id}/runner");
        let large = json!({"name": "a".repeat(2_000_000)});
        for (answer, status, code) in [
            (owner.get("/nope").await, 404, "not_found"),
            (owner.get(&missing).await, 404, "not_found"),
            (owner.call(Method::PUT, "/session", None).await, 405, "method_not_allowed"),
            (owner.call(Method::POST, "/session", None).await, 400, "malformed_request"),
            (owner.post(&runners, &json!({"name": 5})).await, 422, "validation_failed"),
            (owner.post(&runners, &json!({"name": "A B"})).await, 422, "validation_failed"),
            (owner.post(&runners, &large).await, 413, "body_too_large"),
            (owner.get(&format!("{runners}?limit=0")).await, 422, "validation_failed"),
            (owner.get(&format!("{runners}?limit=x")).await, 422, "validation_failed"),
            (owner.get(&format!("{runners}?limt=5")).await, 422, "validation_failed"),
            (owner.get("/workspace?cursor=x").await, 400, "cursor_invalid"),
        ] {
            assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
            assert_eq!(answer.body["status"], status);
            assert!(answer.headers.contains_key("x-request-id"), "{code} has no request id");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
    }

    async fn nothing_in_a_request_is_ignored(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        owner.post(&runners, &json!({"name": "box"})).await;
        let runner_id = owner.get(&runners).await.body["items"][0]["runner_id"].clone();
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let wanted = json!({
            "name": "web", "runner_id": runner_id,
            "spec": {"image": "app", "privileged": true, "ports": [{"number": 80, "host": 80}]},
        });
        let named = |answer: &Answer| -> Vec<String> {
            let fields = answer.body["fields"].as_array().cloned().unwrap_or_default();
            fields.iter().map(|field| field["field"].as_str().unwrap().to_owned()).collect()
        };
        let refused = owner.post(&deployments, &wanted).await;
        assert_eq!((refused.status, refused.code()), (422, "validation_failed"));
        assert_eq!(named(&refused), ["spec.ports[0].host", "spec.privileged"]);
        let from_git = |git: &Value| {
            json!({
                "name": "web", "runner_id": runner_id, "source": git,
                "spec": {"image": "app"},
            })
        };
        let git = json!({"kind": "git", "repository": "https://git.example.org/app", "submodules": true});
        let refused = owner.post(&deployments, &from_git(&git)).await;
        assert_eq!(named(&refused), ["source.submodules"]);
        let git = json!({"kind": "git", "repository": "ext::sh -c x", "branch": "-b"});
        let refused = owner.post(&deployments, &from_git(&git)).await;
        assert_eq!(named(&refused), ["source.branch", "source.repository"]);

        let made = json!({"name": "web", "runner_id": runner_id, "spec": {"image": " app:1\n"}});
        let made = owner.post(&deployments, &made).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.body["deployment"]["spec"]["image"], "app:1", "blanks are cut");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();

        // An endpoint without a request body refuses fields too.
        let stop = format!("{deployments}/{id}/stop");
        let refused = owner.post(&stop, &json!({"force": true})).await;
        assert_eq!((refused.status, named(&refused)), (422, vec!["force".to_owned()]));
        let rubbish = Request::post(format!("{PREFIX}{stop}")).body(Body::from("{} {}")).unwrap();
        let rubbish = owner.send(rubbish).await;
        assert_eq!((rubbish.status, rubbish.code()), (400, "malformed_request"));
        assert_eq!(owner.call(Method::POST, &stop, None).await.status, 202);
    }

    async fn every_declared_endpoint_is_mounted(db: Db) {
        let server = TestServer::new(db);
        let (_, mounted, _) = routes::mount_all(Api::new(server.app.clone())).finish();
        let names = |all: &[models::endpoint::EndpointInfo]| {
            let mut names: Vec<_> = all.iter().map(|info| info.name).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&mounted), names(ALL));
    }

    async fn lists_come_in_pages_without_gaps_or_repeats(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/runner");
        let mut expected = Vec::new();
        for number in 0..7 {
            let name = format!("runner-{number}");
            owner.post(&path, &json!({"name": name})).await;
            expected.push(name);
        }
        let mut names = Vec::new();
        let mut query = "?limit=3".to_owned();
        loop {
            let page = owner.get(&format!("{path}{query}")).await.body;
            assert_eq!(page["total"], 7);
            for item in page["items"].as_array().unwrap() {
                names.push(item["name"].as_str().unwrap().to_owned());
            }
            match page["next_cursor"].as_str() {
                Some(cursor) => query = format!("?limit=3&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(names, expected);
    }
}

#[test]
fn the_openapi_document_names_every_endpoint_and_its_errors() {
    let document = openapi::document();
    assert_eq!(document["openapi"], "3.1.0");
    for info in ALL {
        let method = info.method.as_str().to_lowercase();
        let operation = &document["paths"][info.path][&method];
        assert_eq!(operation["operationId"], info.name);
        for (field, kind) in info.path_fields {
            let parameters = operation["parameters"].as_array().unwrap();
            let parameter = parameters.iter().find(|one| one["name"] == *field);
            let schema = &parameter.unwrap()["schema"];
            assert_eq!(
                schema["anyOf"].is_array(),
                kind.is_some(),
                "{}: {field}",
                info.name
            );
        }
        for code in info.errors() {
            let status = code.status().as_u16().to_string();
            assert!(
                operation["responses"][&status].is_object(),
                "{} lacks {status}",
                info.name
            );
        }
    }
    // People's specifications and those for runners have different schemas.
    for (name, variable) in [
        ("Spec", "EnvironmentVariable"),
        ("RunnerSpec", "RunnerVariable"),
    ] {
        let environment = &document["components"]["schemas"][name]["properties"]["environment"];
        assert_eq!(
            environment["items"]["$ref"],
            format!("#/components/schemas/{variable}")
        );
        assert_eq!(environment["default"], json!([]));
    }
    // Every reference resolves.
    let text = document.to_string();
    for name in text.split("\"#/components/schemas/").skip(1) {
        let name = name.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is missing"
        );
    }
}
