use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use tower::ServiceExt;

use crate::app;

async fn get(app: &Router, path: &str) -> (StatusCode, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_front_page_greets_and_says_its_version() {
    let (status, body) = get(&app(), "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("<h1>Hello from Berth</h1>"), "{body}");
    assert!(body.contains(env!("CARGO_PKG_VERSION")), "{body}");
}

#[tokio::test]
async fn the_environment_is_listed() {
    let (_, body) = get(&app(), "/env").await;
    let path = std::env::var("PATH").unwrap();
    assert!(body.contains(&format!("PATH={path}\n")), "{body}");
}

#[tokio::test]
async fn headers_are_listed_and_secrets_are_not() {
    let request = Request::get("/headers")
        .header("accept", "text/plain")
        .header("cookie", "berth=canary; theme=canary")
        .header("authorization", "Bearer canary")
        .body(Body::empty())
        .unwrap();
    let response = app().oneshot(request).await.unwrap();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    for line in [
        "accept: text/plain",
        "cookie: berth=(hidden); theme=(hidden)",
        "authorization: (hidden)",
    ] {
        assert!(body.lines().any(|shown| shown == line), "{body}");
    }
    assert!(!body.contains("canary"), "{body}");
}

#[tokio::test]
async fn a_wrong_number_of_lines_is_refused() {
    let app = app();
    assert_eq!(get(&app, "/log?lines=2").await.1, "printed 2 lines\n");
    assert_eq!(get(&app, "/log").await.1, "printed 1 lines\n");
    for wrong in [
        "/log?lines=x",
        "/log?lines=100001",
        "/log?lines=-1",
        "/log?n=1",
    ] {
        assert_eq!(get(&app, wrong).await.0, StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn after_hang_nothing_answers_any_more() {
    let app = app();
    // Nothing here waits for the outside, so a response is there at the first poll or never.
    let at_once = |path| tokio::time::timeout(Duration::ZERO, get(&app, path));
    assert_eq!(at_once("/healthz").await.unwrap().1, "ok\n");
    assert_eq!(at_once("/hang").await.unwrap().0, StatusCode::OK);
    assert!(at_once("/healthz").await.is_err(), "it still answers");
}
