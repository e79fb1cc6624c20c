//! The one-time set-up.

use std::time::Duration;

use api::{clock::Clock, db_test, services};
use harness::TestServer;
use serde_json::json;

fn request(token: &str, email: &str) -> serde_json::Value {
    json!({
        "token": token, "name": "Ada", "email": email,
        "password": "correct horse battery staple", "workspace_name": "main",
    })
}

db_test! {
    async fn nobody_becomes_administrator_without_the_token(db: Db) {
        let server = TestServer::new(db);
        let mut stranger = server.anybody();
        // Before a token exists, none is right.
        let answer = stranger.post("/setup", &request("guess", "eve@example.org")).await;
        assert_eq!((answer.status, answer.code()), (403, "setup_token_invalid"));
        services::setup::new_token(&server.app).await.unwrap();
        let answer = stranger.post("/setup", &request("guess", "eve@example.org")).await;
        assert_eq!((answer.status, answer.code()), (403, "setup_token_invalid"));
        assert_eq!(stranger.get("/setup").await.body["is_done"], false);
        assert_eq!(stranger.get("/session").await.status, 401);
    }

    async fn the_link_of_each_server_works_until_one_is_used(db: Db) {
        let first = TestServer::new(db);
        let second = first.beside(&[]);
        let older = services::setup::new_token(&first.app).await.unwrap().unwrap();
        let newer = services::setup::new_token(&second.app).await.unwrap().unwrap();
        let mut ada = second.anybody();
        let answer = ada.post("/setup", &request(older.expose(), "ada@example.org")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.body["workspace"]["role"], "owner");
        assert_eq!(ada.get("/session").await.body["user"]["email"], "ada@example.org");
        for used in [older, newer] {
            let mut eve = first.anybody();
            let answer = eve.post("/setup", &request(used.expose(), "eve@example.org")).await;
            assert_eq!((answer.status, answer.code()), (409, "setup_already_done"));
        }
        assert!(services::setup::new_token(&first.app).await.unwrap().is_none());
    }

    async fn a_link_is_valid_for_a_week(db: Db) {
        let clock = Clock::manual(Clock::system().now());
        let server = TestServer::with_clock(db, &clock);
        let older = services::setup::new_token(&server.app).await.unwrap().unwrap();
        clock.advance(Duration::from_hours(7 * 24));
        let newer = services::setup::new_token(&server.app).await.unwrap().unwrap();
        let mut ada = server.anybody();
        let answer = ada.post("/setup", &request(older.expose(), "ada@example.org")).await;
        assert_eq!((answer.status, answer.code()), (403, "setup_token_invalid"));
        clock.advance(Duration::from_hours(7 * 24 - 1));
        let answer = ada.post("/setup", &request(newer.expose(), "ada@example.org")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    async fn of_two_at_once_with_a_link_each_one_wins(db: Db) {
        let server = TestServer::new(db);
        let mut tokens = Vec::new();
        for _ in 0..2 {
            tokens.push(services::setup::new_token(&server.app).await.unwrap().unwrap());
        }
        let (mut ada, mut eve) = (server.anybody(), server.anybody());
        let (first, second) = (
            request(tokens[0].expose(), "ada@example.org"),
            request(tokens[1].expose(), "eve@example.org"),
        );
        let (a, b) = tokio::join!(ada.post("/setup", &first), eve.post("/setup", &second));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
    }

    async fn every_wrong_field_is_named_at_once(db: Db) {
        let server = TestServer::new(db);
        let answer = server
            .anybody()
            .post("/setup", &json!({
                "token": "t", "name": " ", "email": "ada", "password": "short",
                "workspace_name": "Main Workspace",
            }))
            .await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"));
        let mut fields: Vec<_> = answer.body["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        fields.sort_unstable();
        assert_eq!(fields, ["email", "name", "password", "workspace_name"]);
    }
}
