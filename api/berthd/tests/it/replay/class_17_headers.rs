//! Class 17: a request's claims about its host and its sender are not trusted.

use api::db_test;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use harness::{TestServer, Things};
use models::{
    api::{ALL, PREFIX},
    endpoint::Access,
};
use serde_json::json;

use crate::{replay::walk, whole};

/// Headers with which proxies state the sender and the original address.
const FORGED: [&str; 10] = [
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-original-forwarded-for",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "fastly-client-ip",
    "via",
];

db_test! {
    async fn no_answer_repeats_a_host_that_the_request_named(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let host = "evil.example";
        let headers = [
            ("x-forwarded-host", host),
            ("x-forwarded-server", host),
            ("x-host", host),
            ("x-original-url", "https://evil.example/"),
            ("x-rewrite-url", "https://evil.example/"),
            ("x-forwarded-proto", "evil"),
            ("x-forwarded-prefix", "//evil.example"),
            ("forwarded", "for=1.2.3.4;host=evil.example;proto=https"),
        ];
        for (path, answer) in walk::everything(&mut owner, &things, &headers).await {
            assert!(!answer.text.contains("evil"), "{path}: {}", answer.text);
            assert!(!format!("{:?}", answer.headers).contains("evil"), "{path}: {:?}", answer.headers);
        }
    }

    async fn another_host_is_answered_with_the_right_one_and_never_repeated(db: Db) {
        let server = TestServer::new(whole(db));
        let (owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner.clone(), workspace_id).await;
        let pages = ["/".to_owned(), "/sign-in".to_owned(), "/setup".to_owned(), format!("/workspace/{workspace_id}")];
        let gets = ALL.iter().filter(|info| info.method == Method::GET && info.access != Access::Runner);
        let gets = gets.filter(|info| !(info.stream && info.access == Access::Public));
        let endpoints = gets.map(|info| format!("{PREFIX}{}", things.path(info)));
        for path in pages.into_iter().chain(endpoints) {
            for host in ["evil.example", "127.0.0.1:3000", "localhost.evil.example", "localhost@evil.example"] {
                let request = Request::get(&path).header(header::HOST, host);
                let request = request.body(Body::empty()).unwrap();
                let answer = owner.clone().send(request).await;
                assert_eq!(answer.status, 421, "{path} under {host}");
                let shown = format!("{:?} {}", answer.headers, answer.text);
                assert!(!shown.contains(host), "{path}: {shown}");
                if path.starts_with(PREFIX) {
                    assert_eq!(answer.code(), "misdirected_request", "{path}");
                    assert!(answer.headers.contains_key("x-request-id"), "{path}");
                } else {
                    assert!(shown.contains("href=\"http://localhost:3000"), "{path}: {shown}");
                }
            }
            let request = Request::get(&path).header(header::HOST, "LOCALHOST:1234");
            let answer = owner.clone().send(request.body(Body::empty()).unwrap()).await;
            assert_ne!(answer.status, 421, "{path} under its own host at another port");
        }
    }

    async fn a_forged_sender_has_no_tries_of_its_own(db: Db) {
        let server = TestServer::with_settings(whole(db), &[
            ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1"),
            ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "1"),
        ]);
        let mut eve = server.anybody();
        assert_eq!(eve.sign_in("ada@example.org", "guess guess").await.status, 401);
        for name in FORGED {
            let request = Request::post("/api/v1/session")
                .header(header::CONTENT_TYPE, "application/json")
                .header(name, "203.0.113.7")
                .body(json!({"email": "a@b.c", "password": "guess guess"}).to_string().into())
                .unwrap();
            assert_eq!(eve.send(request).await.status, 429, "{name} was believed");
        }
    }
}
