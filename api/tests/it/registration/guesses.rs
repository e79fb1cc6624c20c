//! User codes: accepted spellings, and the limit on wrong ones.

use api::{client::ClientAddress, db_test, services};
use harness::{
    TestServer, eventually,
    registration::{RegistrationClient, request, waiting},
};
use models::rbac::Role;
use serde_json::json;

db_test! {
    async fn a_code_is_found_however_it_is_typed(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/registration");
        let (id, code) = waiting(&server).await;
        for typed in [
            code.clone(),
            code.to_lowercase(),
            code.replace('-', ""),
            format!(" {} ", code.replace('-', " ")),
        ] {
            let found = owner.post(&path, &json!({"code": typed})).await;
            assert_eq!(found.body["registration"]["registration_id"], id.as_str(), "{typed:?}");
        }
        let wrong = owner.post(&path, &json!({"code": "BBBB-BBBB"})).await;
        assert_eq!((wrong.status, wrong.code()), (422, "registration_code_unknown"));
        assert_eq!(wrong.body["fields"][0]["field"], "code");
        let no_code = owner.post(&path, &json!({"code": "hello"})).await;
        assert_eq!(no_code.code(), "validation_failed");
    }

    async fn guessing_is_limited_even_for_the_right_code(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut other = server.person("bob", Some((workspace_id, Role::Owner))).await;
        let path = format!("/workspace/{workspace_id}/registration");
        let (_, code) = waiting(&server).await;
        for _ in 0..10 {
            let wrong = owner.post(&path, &json!({"code": "BBBB-BBBB"})).await;
            assert_eq!(wrong.code(), "registration_code_unknown");
        }
        let stopped = owner.post(&path, &json!({"code": code})).await;
        assert_eq!(stopped.code(), "rate_limited");
        // The limit applies to this person, not to everyone.
        assert_eq!(other.post(&path, &json!({"code": code})).await.status, 200);
    }

    async fn only_so_many_may_wait_from_one_address(db: Db) {
        let server = TestServer::new(db);
        server.set_up().await;
        let address = server.serve().await;
        let mut open = Vec::new();
        for _ in 0..5 {
            let mut client = RegistrationClient::open(address).await;
            client.code().await;
            open.push(client);
        }
        let code = RegistrationClient::open(address).await.refusal().await;
        assert_eq!(code, models::error::ErrorCode::TooManyRegistrations);
        // A runner that disconnects frees a slot.
        open.pop();
        eventually("there is room", async || {
            let mut client = RegistrationClient::open(address).await;
            match client.next_reply().await {
                Some(models::runner::RegistrationReply::Code { .. }) => Some(()),
                _ => None,
            }
        })
        .await;
    }

    async fn only_so_many_may_wait_in_all(db: Db) {
        let server = TestServer::new(db);
        let from = |number: u8| ClientAddress(std::net::IpAddr::from([203, 0, 113, number]));
        for number in 0..100 {
            services::registration::begin(&server.app, request(), from(number)).await.unwrap();
        }
        let refused = services::registration::begin(&server.app, request(), from(100)).await;
        let code = refused.unwrap_err().code();
        assert_eq!(code, models::error::ErrorCode::TooManyRegistrations);
    }
}
