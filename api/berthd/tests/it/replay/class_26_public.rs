//! Class 26: public endpoints are a reviewed list, and have limits.

use api::db_test;
use axum::{
    body::Body,
    http::{Method, Request},
};
use harness::{TestServer, Things};
use models::{
    api::{ALL, PREFIX},
    endpoint::{Access, RateClass},
};

use crate::whole;

/// Routes of the server other than the API's endpoints, pages and forms.
const OTHERS: [&str; 5] = [
    "/healthz",
    "/readyz",
    "/icon.svg",
    "/api/v1/openapi.json",
    "/components",
];

#[test]
fn the_list_of_public_endpoints_is_as_reviewed() {
    let open = ALL.iter().filter(|info| info.access == Access::Public);
    let open: Vec<String> = open
        .map(|info| format!("{} {} ({:?})", info.method, info.path, info.rate))
        .collect();
    insta::assert_json_snapshot!("public_routes", open);
    for info in ALL.iter().filter(|info| info.access == Access::Public) {
        let is_counted = matches!(info.rate, RateClass::Credentials | RateClass::SignIn);
        let guarded = info.method == Method::GET || is_counted;
        assert!(guarded, "{} may be called as often as others", info.name);
    }
}

db_test! {
    async fn no_caller_gets_more_than_the_list_allows(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut anyone = server.anybody();
        for path in OTHERS {
            let answer = anyone.page(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.text.contains(&workspace_id.to_string()), "{path}");
        }
        // Every page of a workspace redirects to the sign-in page, and shows nothing before
        // that.
        for (path, _) in super::walk::everything(&mut owner, &things, &[]).await {
            if !path.starts_with("/workspace/") {
                continue;
            }
            let answer = anyone.page(&path).await;
            assert!([302, 303, 307].contains(&answer.status), "{path}: {}", answer.status);
            for name in ["ghcr.io", ">KEY<", ">first<", ">app<", ">data<"] {
                assert!(!answer.text.contains(name), "{path} shows {name}: {}", answer.text);
            }
        }
    }

    async fn a_body_without_end_is_refused_by_every_endpoint_and_form(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let large = "a".repeat(server.app.config.server.body_limit_bytes + 1);
        for info in ALL.iter().filter(|info| info.method != Method::GET) {
            let takes_none = things.request(info).is_none()
                && !["CompleteSetup", "SignIn"].contains(&info.name);
            if takes_none {
                continue;
            }
            let request = Request::builder()
                .method(info.method.clone())
                .uri(format!("{PREFIX}{}", things.path(info)))
                .body(Body::from(format!("{{\"name\": \"{large}\"}}")))
                .unwrap();
            let answer = owner.send(request).await;
            assert_eq!((answer.status, answer.code()), (413, "body_too_large"), "{}", info.name);
            let answer = owner.submit(info.name, &[("name", &large)]).await;
            assert_eq!(answer.status, 413, "the form of {}", info.name);
        }
    }
}
