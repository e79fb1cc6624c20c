//! API tokens: what they open, for how long, and what is recorded of them.

use std::time::Duration;

use api::{clock::Clock, db::testing, db_test, store};
use axum::http::{Method, Request, header};
use harness::{Client, TestServer, Things, contents, eventually};
use models::{
    WorkspaceId,
    api::{ALL, PREFIX},
    api_token::MAX_API_TOKENS,
    endpoint::Access,
    rbac::{Permission, Role, RunnerAction},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::authorization::{order, success};

fn tokens(workspace_id: WorkspaceId) -> String {
    format!("/workspace/{workspace_id}/api-token")
}

/// Creates a token; returns its path and a program that has it.
async fn create(
    server: &TestServer,
    person: &mut Client,
    workspace_id: WorkspaceId,
    request: &Value,
) -> (String, Client) {
    let created = person.post(&tokens(workspace_id), request).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.body["api_token"]["api_token_id"].as_str().unwrap();
    let program = server.program(created.body["token"].as_str().unwrap());
    (format!("{}/{id}", tokens(workspace_id)), program)
}

async fn last_use(owner: &mut Client, path: &str) -> Option<Timestamp> {
    let answer = owner.get(path).await;
    serde_json::from_value(answer.body["api_token"]["last_used_at"].clone()).ok()
}

db_test! {
    async fn a_token_opens_what_its_role_allows_and_nothing_of_the_session(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let viewer = json!({"name": "viewer", "role": "viewer"});
        let (_, mut viewer) = create(&server, &mut owner, workspace_id, &viewer).await;
        let workspace = viewer.get(&format!("/workspace/{workspace_id}")).await;
        assert_eq!(workspace.body["workspace"]["grants"], json!(Role::Viewer.grants()));
        let full = json!({"name": "full", "role": "owner"});
        let (_, mut full) = create(&server, &mut owner, workspace_id, &full).await;
        let mut endpoints: Vec<_> = ALL.iter().collect();
        endpoints.sort_by_key(|info| order(info));
        for info in endpoints {
            let (path, request) = (things.path(info), things.request(info));
            let mut answers = Vec::new();
            for program in [&mut viewer, &mut full] {
                let answer = program.call(info.method.clone(), &path, request.as_ref()).await;
                answers.push((answer.status, answer.code().to_owned()));
            }
            let Access::Permission { permission, .. } = info.access else {
                if info.access != Access::Public {
                    assert!(answers.iter().all(|(status, _)| *status == 401), "{}", info.name);
                }
                continue;
            };
            let refused = (403, "permission_denied".to_owned());
            if !Role::Viewer.grants().allow(permission) {
                assert_eq!(answers[0], refused, "{}", info.name);
            }
            match info.name {
                name if name.ends_with("ApiToken") || name.ends_with("ApiTokens") => {
                    assert_eq!(answers, [refused.clone(), refused], "{name}");
                }
                _ => assert_eq!(answers[1].0, success(info), "{}", info.name),
            }
        }
    }

    async fn a_token_never_allows_more_than_its_person(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let (_, mut program) =
            create(&server, &mut owner, workspace_id, &json!({"name": "ci", "role": "owner"})).await;
        let runners = format!("/workspace/{workspace_id}/runner");
        assert_eq!(program.post(&runners, &json!({"name": "first"})).await.status, 201);

        testing::execute(&db, "UPDATE membership SET role = 'viewer'").await;
        let permission = Permission::Runner(RunnerAction::Create);
        assert!(!Role::Viewer.grants().allow(permission));
        let refused = program.post(&runners, &json!({"name": "second"})).await;
        assert_eq!((refused.status, refused.code()), (403, "permission_denied"));
        let workspace = program.get(&format!("/workspace/{workspace_id}")).await;
        assert_eq!(workspace.body["workspace"]["grants"], json!(Role::Viewer.grants()));

        testing::execute(&db, "DELETE FROM membership").await;
        assert_eq!(program.get(&runners).await.status, 401, "the token left with its person");
    }

    async fn a_token_is_of_one_workspace_and_one_person(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let request = json!({"name": "ci", "role": "owner"});
        let (path, mut program) = create(&server, &mut owner, workspace_id, &request).await;
        let other = owner.post("/workspace", &json!({"name": "other"})).await;
        let other = other.body["workspace"]["workspace_id"].as_str().unwrap();
        for workspace in [other, "other"] {
            let answer = program.get(&format!("/workspace/{workspace}/runner")).await;
            assert_eq!(answer.code(), "not_found");
        }
        assert_eq!(program.get("/workspace/main/runner").await.status, 200);
        // A second workspace of the name is none to the token.
        owner.post("/workspace", &json!({"name": "main"})).await;
        assert_eq!(owner.get("/workspace/main/runner").await.code(), "not_found");
        assert_eq!(program.get("/workspace/main/runner").await.status, 200);

        let taken = owner.post(&tokens(workspace_id), &request).await;
        assert_eq!((taken.status, taken.code()), (409, "api_token_name_taken"));
        let mut vic = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        assert_eq!(vic.get(&path).await.code(), "not_found");
        assert_eq!(vic.call(Method::DELETE, &path, None).await.code(), "not_found");
        let none = vic.get(&tokens(workspace_id)).await;
        assert_eq!((&none.body["items"], &none.body["total"]), (&json!([]), &json!(0)));
        let request = json!({"name": "ci", "role": "viewer"});
        assert_eq!(vic.post(&tokens(workspace_id), &request).await.status, 201);
    }

    async fn a_token_ends_with_its_expiry_or_its_deletion(db: Db) {
        let clock = Clock::manual(Clock::system().now());
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let request = json!({"name": "short", "role": "viewer", "expires_in_days": 1});
        let (short, mut program) = create(&server, &mut owner, workspace_id, &request).await;
        clock.advance(Duration::from_hours(24) - Duration::from_secs(1));
        assert_eq!(program.get(&runners).await.status, 200);
        clock.advance(Duration::from_secs(1));
        let refused = program.get(&runners).await;
        assert_eq!((refused.status, refused.code()), (401, "unauthenticated"));
        assert!(refused.text.contains("expired"), "{refused:?}");
        assert_eq!(owner.get(&short).await.status, 200, "its owner still sees it");

        let request = json!({"name": "default", "role": "viewer"});
        let (path, mut program) = create(&server, &mut owner, workspace_id, &request).await;
        clock.advance(Duration::from_hours(90 * 24) - Duration::from_secs(1));
        let mut owner = server.anybody();
        owner.sign_in("ada@example.org", harness::PASSWORD).await;
        assert_eq!(program.get(&runners).await.status, 200);
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
        assert_eq!(program.get(&runners).await.status, 401);

        for days in [0, 3_651] {
            let request = json!({"name": "long", "role": "viewer", "expires_in_days": days});
            let refused = owner.post(&tokens(workspace_id), &request).await;
            assert_eq!(refused.body["fields"][0]["field"], "expires_in_days", "{refused:?}");
        }
    }

    async fn uses_and_deeds_of_a_token_are_recorded_under_both_names(db: Db) {
        let clock = Clock::manual(Clock::system().now());
        let server = TestServer::with_clock(db.clone(), &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let request = json!({"name": "ci", "role": "owner"});
        let (path, mut program) = create(&server, &mut owner, workspace_id, &request).await;
        let unused = owner.get(&path).await;
        assert_eq!(unused.body["api_token"].get("last_used_at"), None);
        clock.advance(Duration::from_secs(1));

        let secrets = format!("/workspace/{workspace_id}/secret");
        let secret = json!({"name": "KEY", "secret_value": "hush"});
        assert_eq!(program.post(&secrets, &secret).await.status, 201);
        let events = store::audit_event::newest(&db, workspace_id, 2).await.unwrap();
        let [by_program, by_person] = events.as_slice() else {
            panic!("{events:?}");
        };
        assert_eq!((by_program.action.as_str(), by_person.action.as_str()), ("secret.create", "api_token.create"));
        assert_eq!(by_program.actor_kind, "api_token");
        assert_eq!(by_program.actor_name, "Ada (API token ci)");
        assert_eq!(by_program.actor_user_id, by_person.actor_user_id);
        let id = by_program.actor_api_token_id.unwrap().to_string();
        assert!(path.ends_with(&id), "{path}: {id}");

        let used = eventually("the use is recorded", async || last_use(&mut owner.clone(), &path).await).await;
        clock.advance(Duration::from_secs(59));
        program.get(&secrets).await;
        clock.advance(Duration::from_secs(1));
        program.get(&secrets).await;
        let again = eventually("the next use is recorded", async || {
            last_use(&mut owner.clone(), &path).await.filter(|at| *at != used)
        })
        .await;
        assert_eq!(again.millis_since(used), 60_000, "the one in between was not");

        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 204);
        let newest = store::audit_event::newest(&db, workspace_id, 1).await.unwrap().remove(0);
        assert_eq!((newest.action.as_str(), newest.target), ("api_token.delete", Some(id)));
    }

    async fn a_token_deletes_no_token_but_itself(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let request = json!({"name": "full", "role": "owner"});
        let (full, mut thief) = create(&server, &mut owner, workspace_id, &request).await;
        let request = json!({"name": "deploys", "role": "viewer"});
        let (other, mut program) = create(&server, &mut owner, workspace_id, &request).await;
        assert_eq!(thief.call(Method::DELETE, &other, None).await.status, 403);
        assert_eq!(thief.get(&other).await.status, 403);
        assert_eq!(program.get(&other).await.body["api_token"]["name"], "deploys");
        assert_eq!(thief.call(Method::DELETE, &full, None).await.status, 204);
        assert_eq!(thief.get(&full).await.status, 401);
    }

    async fn a_token_has_no_role_above_its_creators(db: Db) {
        let server = TestServer::new(db);
        let (_, workspace_id) = server.set_up().await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let request = json!({"name": "ci", "role": "owner"});
        let refused = viewer.post(&tokens(workspace_id), &request).await;
        assert_eq!((refused.status, &refused.body["fields"][0]["field"]), (422, &json!("role")));
    }

    async fn a_program_that_calls_too_often_leaves_its_person_alone(db: Db) {
        let settings = [
            ("BERTH__RATE_LIMITS__READS__PER_MINUTE", "1"),
            ("BERTH__RATE_LIMITS__READS__BURST", "3"),
        ];
        let server = TestServer::with_settings(db, &settings);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut programs = Vec::new();
        for name in ["a", "b"] {
            let request = json!({"name": name, "role": "viewer"});
            programs.push(create(&server, &mut owner, workspace_id, &request).await.1);
        }
        let runners = format!("/workspace/{workspace_id}/runner");
        let mut statuses = Vec::new();
        for call in 0..4 {
            statuses.push(programs[call % 2].get(&runners).await.status);
        }
        assert_eq!(statuses, [200, 200, 200, 429], "tokens of a person count together");
        assert_eq!(owner.get(&tokens(workspace_id)).await.status, 200);
    }

    async fn expired_tokens_make_room_after_a_month(db: Db) {
        let clock = Clock::manual(Clock::system().now());
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let request = json!({"name": "ci", "role": "viewer", "expires_in_days": 1});
        create(&server, &mut owner, workspace_id, &request).await;
        clock.advance(Duration::from_hours(31 * 24));
        let mut owner = server.anybody();
        owner.sign_in("ada@example.org", harness::PASSWORD).await;
        assert_eq!(owner.post(&tokens(workspace_id), &request).await.code(), "api_token_name_taken");
        clock.advance(Duration::from_secs(1));
        assert_eq!(owner.post(&tokens(workspace_id), &request).await.status, 201);
    }

    async fn only_the_hash_of_a_token_is_stored(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let created = owner.post(&tokens(workspace_id), &json!({"name": "ci", "role": "viewer"})).await;
        let token = created.body["token"].as_str().unwrap();
        assert!(token.starts_with("berth_api_") && token.len() > 40, "{token}");
        let state = contents::state(&db).await;
        assert_eq!(state["api_token"].len(), 1);
        assert!(!format!("{state:?}").contains(token));
        let listed = owner.get(&tokens(workspace_id)).await;
        assert!(listed.text.contains("\"ci\"") && !listed.text.contains(token));
    }

    async fn a_person_has_so_many_tokens_in_a_workspace(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let request = |number| json!({"name": format!("t{number}"), "role": "viewer"});
        for number in 0..MAX_API_TOKENS {
            assert_eq!(owner.post(&tokens(workspace_id), &request(number)).await.status, 201);
        }
        let refused = owner.post(&tokens(workspace_id), &request(MAX_API_TOKENS)).await;
        assert_eq!((refused.status, refused.code()), (409, "too_many_api_tokens"));
    }

    async fn a_credential_of_a_proxy_leaves_the_session_alone(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let call = |authorization: &str| {
            Request::get(format!("{PREFIX}/workspace/{workspace_id}/runner"))
                .header(header::AUTHORIZATION, authorization)
                .body(axum::body::Body::empty())
                .unwrap()
        };
        for foreign in ["Basic YWRhOmh1c2g=", "Bearer eyJhbGciOiJub25lIn0.e30."] {
            assert_eq!(owner.send(call(foreign)).await.status, 200, "{foreign}");
        }
        // One of ours that is not valid is refused, whoever is signed in.
        assert_eq!(owner.send(call("Bearer berth_api_guess")).await.status, 401);
        assert_eq!(owner.send(call("bearer berth_api_guess")).await.status, 401);
    }
}
