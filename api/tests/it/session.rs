//! Signing in and out.

use std::time::Duration;

use api::{clock::Clock, db_test};
use axum::http::{Method, Request, header};
use harness::TestServer;
use serde_json::json;

const RIGHT: &str = "correct horse battery staple";

db_test! {
    async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(db: Db) {
        let server = TestServer::new(db);
        server.set_up().await;
        let mut someone = server.anybody();
        let wrong = someone.sign_in("ada@example.org", "wrong password").await;
        let unknown = someone.sign_in("eve@example.org", RIGHT).await;
        assert_eq!((wrong.status, wrong.code()), (401, "invalid_credentials"));
        assert_eq!(wrong.text, unknown.text);
        assert_eq!(someone.get("/session").await.status, 401);
        // Case does not matter in an email address.
        assert_eq!(someone.sign_in("Ada@Example.org", RIGHT).await.status, 201);
    }

    async fn signing_in_changes_the_session_id(db: Db) {
        let server = TestServer::new(db);
        server.set_up().await;
        let mut ada = server.anybody();
        ada.sign_in("ada@example.org", RIGHT).await;
        let planted = ada.cookie();
        ada.sign_in("ada@example.org", RIGHT).await;
        assert_ne!(ada.cookie(), planted);
    }

    async fn a_session_that_was_ended_is_worth_nothing(db: Db) {
        let server = TestServer::new(db);
        let (mut ada, _) = server.set_up().await;
        let mut thief = ada.clone();
        assert_eq!(thief.get("/session").await.status, 200);
        assert_eq!(ada.call(Method::DELETE, "/session", None).await.status, 204);
        assert_eq!(thief.get("/session").await.status, 401);
    }

    async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(db: Db) {
        let server = TestServer::with_settings(
            db,
            &[("BERTH__SERVER__PUBLIC_URL", "https://berth.example.org")],
        );
        server.set_up().await;
        let answer = server.anybody().sign_in("ada@example.org", RIGHT).await;
        let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap());
        let cookie = cookies.find(|cookie| cookie.starts_with("__Host-berth=")).unwrap();
        for part in ["__Host-berth=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    async fn another_sites_page_changes_nothing(db: Db) {
        let server = TestServer::new(db);
        let (mut ada, _) = server.set_up().await;
        let request = Request::post("/api/v1/workspace")
            .header(header::CONTENT_TYPE, "application/json")
            .header("sec-fetch-site", "cross-site")
            .body(json!({"name": "evil"}).to_string().into())
            .unwrap();
        let answer = ada.send(request).await;
        assert_eq!((answer.status, answer.code()), (403, "cross_site_request"));
        assert_eq!(ada.get("/workspace").await.body["total"], 1);
    }

    async fn a_session_lives_as_long_as_it_is_used(db: Db) {
        let clock = Clock::manual(Clock::system().now());
        let server = TestServer::with_clock(db, &clock);
        let (mut ada, _) = server.set_up().await;
        let mut idle = ada.clone();
        // A lifetime is 14 days.
        for _ in 0..5 {
            clock.advance(Duration::from_hours(10 * 24));
            assert_eq!(ada.get("/session").await.status, 200);
        }
        clock.advance(Duration::from_hours(15 * 24));
        assert_eq!(idle.get("/session").await.status, 401);
    }

    async fn guessing_passwords_is_slowed_down(db: Db) {
        let server = TestServer::with_settings(db, &[
            ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1"),
            ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "3"),
        ]);
        let mut eve = server.anybody();
        let mut codes = Vec::new();
        for _ in 0..4 {
            codes.push(eve.sign_in("ada@example.org", "guess guess").await.status);
        }
        assert_eq!(codes, [401, 401, 401, 429]);
        let refused = eve.sign_in("ada@example.org", "guess guess").await;
        // One more is allowed a minute after the three.
        let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((30..=60).contains(&wait), "{wait}");
        assert!(refused.text.contains(&format!("in {wait} seconds")), "{}", refused.text);
        // A forwarded address from an untrusted peer does not help.
        let request = Request::post("/api/v1/session")
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-forwarded-for", "203.0.113.7")
            .body(json!({"email": "a@b.c", "password": "guess guess"}).to_string().into())
            .unwrap();
        assert_eq!(eve.send(request).await.status, 429);
    }
}
