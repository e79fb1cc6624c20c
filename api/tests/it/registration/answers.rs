//! Decisions: made once, in time, by the right workspace, and never lost.

use std::time::Duration;

use api::{clock::Clock, db::Abandon, db_test, services, store};
use axum::http::Method;
use harness::{
    TestServer, eventually,
    registration::{RegistrationClient, begin, request, waiting},
    streams::{Link, hello, next, open_as},
};
use models::{
    error::ErrorCode,
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
    time::Timestamp,
    value::{Base64, ResourceName},
};
use serde_json::json;

fn at_noon() -> Clock {
    Clock::manual(Timestamp::from_micros(1_767_268_800_000_000))
}

db_test! {
    async fn of_two_approvals_at_once_one_counts(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let (id, code) = waiting(&server).await;
        assert_eq!(owner.post(&path, &json!({"code": code})).await.status, 200);
        let approve = format!("{path}/{id}/approve");
        let (mut one, mut other) = (owner.clone(), owner.clone());
        let (requests_one, requests_other) = (json!({"name": "one"}), json!({"name": "other"}));
        let (one, other) = tokio::join!(
            one.post(&approve, &requests_one),
            other.post(&approve, &requests_other),
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{one:?} {other:?}");
        let runners = owner.get(&format!("/workspace/{workspace_id}/runner")).await;
        assert_eq!(runners.body["total"], 1);
        // Nor can it be denied any more, or its code entered again.
        let deny = format!("{path}/{id}/deny");
        let denied = owner.call(Method::POST, &deny, None).await;
        assert_eq!(denied.code(), "registration_ended");
        assert_eq!(owner.post(&path, &json!({"code": code})).await.code(), "registration_code_unknown");
    }

    async fn a_taken_name_leaves_the_runner_waiting(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        owner.post(&runners, &json!({"name": "taken"})).await;
        let path = format!("/workspace/{workspace_id}/registration");
        let (id, code) = waiting(&server).await;
        owner.post(&path, &json!({"code": code})).await;
        let approve = format!("{path}/{id}/approve");
        let taken = owner.post(&approve, &json!({"name": "taken"})).await;
        assert_eq!(taken.code(), "runner_name_taken");
        assert_eq!(owner.get(&format!("{path}/{id}")).await.body["registration"]["state"], "waiting");
        assert_eq!(owner.post(&approve, &json!({"name": "free"})).await.status, 201);
    }

    async fn a_code_is_valid_for_ten_minutes(db: Db) {
        let clock = at_noon();
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let mut late = RegistrationClient::open(address).await;
        let (late_code, mut found) = (late.code().await, RegistrationClient::open(address).await);
        let code = found.code().await;
        clock.advance(Duration::from_secs(599));
        let answer = owner.post(&path, &json!({"code": code})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let id = answer.body["registration"]["registration_id"].as_str().unwrap();
        clock.advance(Duration::from_secs(1));
        let answer = owner.post(&path, &json!({"code": late_code})).await;
        assert_eq!(answer.code(), "registration_code_unknown");
        let answer = owner.post(&format!("{path}/{id}/approve"), &json!({"name": "late"})).await;
        assert_eq!(answer.code(), "registration_ended");
        // No event tells the runners; the codes expire with time.
        assert_eq!(found.refusal().await, ErrorCode::RegistrationEnded);
        assert_eq!(late.refusal().await, ErrorCode::RegistrationEnded);
    }

    async fn an_approval_that_the_runner_did_not_hear_of_is_not_lost(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/registration");
        // Its server crashed after sending the code.
        let asked = request();
        let (id, code) = begin(&server, asked.clone()).await;
        owner.post(&path, &json!({"code": code})).await;
        let approve = format!("{path}/{id}/approve");
        let made = owner.post(&approve, &json!({"name": "first"})).await;
        let mut again = RegistrationClient::with(address, asked).await;
        let runner_id = again.approval().await.to_string();
        assert_eq!(made.body["runner"]["runner_id"], runner_id.as_str());
    }

    async fn a_runner_that_asks_again_has_one_code_the_newest(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let asked = request();
        let (_, first) = begin(&server, asked.clone()).await;
        let (_, second) = begin(&server, asked).await;
        assert_eq!(owner.post(&path, &json!({"code": first})).await.status, 422);
        assert_eq!(owner.post(&path, &json!({"code": second})).await.status, 200);
    }

    async fn an_approved_runner_that_never_comes_is_taken_back(db: Db) {
        let clock = at_noon();
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let runners = format!("/workspace/{workspace_id}/runner");
        let by_hand = owner.post(&runners, &json!({"name": "by-hand"})).await;
        assert_eq!(by_hand.status, 201);
        let token = "berth_runner_known";
        for (name, token_hash) in [
            ("never-came", None),
            ("came", Some(api::random::Token::hash_of(token).as_bytes().to_vec())),
            ("awaited", None),
        ] {
            let mut asked = request();
            if let Some(token_hash) = token_hash {
                asked.token_hash = Base64(token_hash);
            }
            let (id, code) = begin(&server, asked).await;
            assert_eq!(owner.post(&path, &json!({"code": code})).await.status, 200);
            let made = owner.post(&format!("{path}/{id}/approve"), &json!({"name": name})).await;
            assert_eq!(made.status, 201, "{made:?}");
            if name == "awaited" {
                let request = json!({
                    "name": "app", "runner_id": made.body["runner"]["runner_id"],
                    "spec": {"image": "app:1"},
                });
                let made = owner.post(&format!("/workspace/{workspace_id}/deployment"), &request).await;
                assert_eq!(made.status, 201, "{made:?}");
            }
        }
        let mut link = Link::open(address, token).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));
        drop(link);

        let names = async |owner: &mut harness::Client| -> Vec<String> {
            let listed = owner.get(&runners).await;
            let items = listed.body["items"].as_array().unwrap().clone();
            items.iter().map(|runner| runner["name"].as_str().unwrap().to_owned()).collect()
        };
        clock.advance(Duration::from_secs(599));
        services::registration::prune(&server.app).await.unwrap();
        assert_eq!(names(&mut owner).await, ["awaited", "by-hand", "came", "never-came"]);
        clock.advance(Duration::from_secs(1));
        services::registration::prune(&server.app).await.unwrap();
        assert_eq!(names(&mut owner).await, ["awaited", "by-hand", "came"]);
    }

    async fn the_decision_can_be_read_for_an_hour(db: Db) {
        let clock = at_noon();
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let (id, code) = waiting(&server).await;
        owner.post(&path, &json!({"code": code})).await;
        let one = format!("{path}/{id}");
        clock.advance(Duration::from_hours(1));
        services::registration::prune(&server.app).await.unwrap();
        assert_eq!(owner.get(&one).await.body["registration"]["state"], "expired");
        clock.advance(Duration::from_mins(10));
        services::registration::prune(&server.app).await.unwrap();
        assert_eq!(owner.get(&one).await.status, 404);
    }

    async fn the_workspace_that_entered_the_code_last_decides(db: Db) {
        let server = TestServer::new(db);
        let (mut ada, workspace_id) = server.set_up().await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap();
        let (adas, eves) = (
            format!("/workspace/{workspace_id}/registration"),
            format!("/workspace/{own}/registration"),
        );
        let (id, code) = waiting(&server).await;
        // Without the code, even its id is not found.
        assert_eq!(eve.get(&format!("{eves}/{id}")).await.status, 404);
        assert_eq!(ada.post(&adas, &json!({"code": code})).await.status, 200);
        let request = json!({"name": "eves"});
        assert_eq!(eve.post(&format!("{eves}/{id}/approve"), &request).await.status, 404);
        let deny = format!("{eves}/{id}/deny");
        assert_eq!(eve.call(Method::POST, &deny, None).await.status, 404);
        // Entering the code elsewhere moves it, and then it is gone from its earlier workspace.
        assert_eq!(eve.post(&eves, &json!({"code": code})).await.status, 200);
        assert_eq!(ada.post(&format!("{adas}/{id}/approve"), &request).await.status, 404);
        assert_eq!(ada.get(&format!("{adas}/{id}")).await.status, 404);
    }

    async fn an_open_page_hears_of_the_answer(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let (id, code) = waiting(&server).await;
        let path = format!("/workspace/{workspace_id}/registration");
        owner.post(&path, &json!({"code": code})).await;
        let stream = format!("/workspace/{workspace_id}/stream");
        let mut page = open_as(&owner, address, &stream).await.unwrap();
        assert_eq!(next(&mut page).await.unwrap()["type"], "resync");
        owner.post(&format!("{path}/{id}/approve"), &json!({"name": "first"})).await;
        let heard = next(&mut page).await.unwrap();
        assert_eq!(heard, json!({"type": "registration_changed", "registration_id": id}));
        assert_eq!(next(&mut page).await.unwrap()["type"], "runner_changed");
    }

    async fn a_runner_that_goes_away_leaves_no_code_behind(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let mut client = RegistrationClient::open(address).await;
        let code = client.code().await;
        let found = owner.post(&path, &json!({"code": code})).await;
        let id = found.body["registration"]["registration_id"].as_str().unwrap().to_owned();
        drop(client);
        eventually("it is seen to be gone", async || {
            let answer = owner.get(&format!("{path}/{id}")).await;
            (answer.body["registration"]["state"] == "withdrawn").then_some(())
        })
        .await;
        let name = ResourceName::trusted("gone");
        let id = id.parse().unwrap();
        let late = services::registration::approve(&server.app, workspace_id, id, &name).await;
        assert_eq!(late.unwrap_err().code(), ErrorCode::RegistrationEnded);
        let finding = server.app.db.write(async |tx| {
            store::runner::by_name(tx, workspace_id, &name).await.map(Abandon)
        });
        assert!(finding.await.unwrap().is_none());
    }
}
