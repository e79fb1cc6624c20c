//! The rules that every answer under `/api` keeps.

use api::{db_test, http::Api, openapi, routes};
use axum::http::Method;
use models::api::ALL;
use serde_json::json;

use crate::harness::TestServer;

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
            (owner.post(&runners, &json!({"name": 5})).await, 400, "malformed_request"),
            (owner.post(&runners, &json!({"name": "A B"})).await, 422, "validation_failed"),
            (owner.post(&runners, &large).await, 413, "body_too_large"),
            (owner.get(&format!("{runners}?limit=0")).await, 422, "validation_failed"),
            (owner.get(&format!("{runners}?limit=x")).await, 400, "malformed_request"),
            (owner.get("/workspace?cursor=x").await, 400, "cursor_invalid"),
        ] {
            assert_eq!((answer.status, answer.code()), (status, code), "{answer:?}");
            assert_eq!(answer.body["status"], status);
            assert!(answer.headers.contains_key("x-request-id"), "{code} has no request id");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        }
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
    let document = openapi::document(ALL);
    assert_eq!(document["openapi"], "3.1.0");
    for info in ALL {
        let method = info.method.as_str().to_lowercase();
        let operation = &document["paths"][info.path][&method];
        assert_eq!(operation["operationId"], info.name);
        for code in info.errors() {
            let status = code.status().as_u16().to_string();
            assert!(
                operation["responses"][&status].is_object(),
                "{} lacks {status}",
                info.name
            );
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for name in text.split("\"#/components/schemas/").skip(1) {
        let name = name.split('"').next().unwrap();
        assert!(
            document["components"]["schemas"][name].is_object(),
            "{name} is missing"
        );
    }
}
