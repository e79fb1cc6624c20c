//! Class 7: nothing passes through to an engine, a cluster or a file system.

use api::db_test;
use axum::{
    body::Body,
    http::{Method, Request},
};
use harness::TestServer;

/// Addresses that other systems served, in spellings that evaded their checks.
const ADDRESSES: [&str; 22] = [
    "/api/v1/containers/json",
    "/api/v1/plugins",
    "/api/v1/plugins/privileges",
    "/api/v1/docker/containers/json",
    "/api/v1/endpoints/1/docker/containers/json",
    "/api/v1/endpoints/1/docker/v1.41/containers/create",
    "/api/v1/kubernetes/api/v1/secrets",
    "/api/v1.41/containers/json",
    "/v1.41/containers/json",
    "/containers/json",
    "/api/v1//workspace",
    "/api/v1/./workspace",
    "/api/v1/setup/../workspace",
    "/api/v1/setup/%2e%2e/workspace",
    "/api/v1/setup%2f..%2fworkspace",
    "/api/v1/workspace/",
    "/api/v1/WORKSPACE",
    "/API/v1/workspace",
    "/api/v1/workspace;a=b",
    "/api/v1/workspace%00",
    "/api/v1/metrics",
    "/metrics",
];

db_test! {
    async fn an_undeclared_path_is_not_found_in_any_spelling(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, _) = server.set_up().await;
        for address in ADDRESSES {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let request = Request::builder().method(method.clone()).uri(address);
                let answer = owner.send(request.body(Body::empty()).unwrap()).await;
                assert!([404, 405].contains(&answer.status), "{method} {address}: {answer:?}");
            }
        }
    }

    async fn a_method_that_is_not_declared_is_refused(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}");
        for method in ["PUT", "POST", "TRACE", "CONNECT", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = owner.call(method.clone(), &path, None).await;
            assert_eq!((answer.status, answer.code()), (405, "method_not_allowed"), "{method}");
        }
    }
}
