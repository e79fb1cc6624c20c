//! Input from unknown senders before any approval.

use api::db_test;
use harness::{
    TestServer,
    registration::{RegistrationClient, begin, request},
};
use models::{
    runner::{HostPolicy, RegistrationRequest, RunnerInfo},
    value::{Base64, InternalRegistry, RegistryPattern, ResourceName},
};
use serde_json::json;

use crate::whole;

const EVIL: &str = "<script>alert(1)</script>\u{1b}[2J\u{202e}\0\r\n\u{430}";

fn hostile() -> RegistrationRequest {
    let text = format!("{EVIL}{}", "x".repeat(10_000));
    RegistrationRequest {
        about: RunnerInfo {
            kind: text.clone(),
            version: text.clone(),
            platform_version: text.clone(),
            platform_api: None,
            tested_platforms: Vec::new(),
            os: text.clone(),
            arch: text.clone(),
            host_name: text,
            cpus: u32::MAX,
            memory_bytes: u64::MAX,
            disk_bytes: Some(u64::MAX),
            volumes: true,
            tags: true,
            private_networks: true,
            runs: true,
            app_firewall: None,
            publish_address: None,
            policy: Some(HostPolicy {
                registries: Some(vec![RegistryPattern::trusted(EVIL)]),
                internal_registries: Some(vec![InternalRegistry::trusted(EVIL)]),
                ..HostPolicy::default()
            }),
        },
        ..request()
    }
}

db_test! {
    async fn the_description_of_a_runner_is_plain_short_and_no_markup(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let (id, code) = begin(&server, hostile()).await;
        let path = format!("/workspace/{workspace_id}/registration");
        let found = owner.post(&path, &json!({"code": code})).await;
        let about = found.body["registration"]["about"].as_object().unwrap();
        for (name, value) in about {
            if let Some(text) = value.as_str() {
                assert!(text.len() <= 255, "{name} has {} bytes", text.len());
                assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name}: {text:?}");
            }
        }
        assert!(!about.contains_key("policy"));
        let name = found.body["registration"]["suggested_name"].as_str().unwrap();
        assert!(ResourceName::new(name).is_ok() && name.starts_with("script-alert"), "{name}");
        let page = owner.page(&format!("{path}/{id}")).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("&lt;script&gt;alert(1)"), "{}", page.text);
        assert!(!page.text.contains("<script>alert"), "{}", page.text);
    }

    async fn a_frame_that_is_no_request_or_too_large_ends_the_connection(db: Db) {
        let server = TestServer::new(whole(db));
        let address = server.serve().await;
        for said in ["{".to_owned(), json!({"type": "heartbeat"}).to_string(), "[".repeat(60_000)] {
            let mut client = RegistrationClient::connect(address).await;
            client.send_text(said).await;
            assert_eq!(client.next_reply().await, None);
        }
        let no_hash = RegistrationRequest { token_hash: Base64(vec![0; 31]), ..request() };
        let mut client = RegistrationClient::with(address, no_hash).await;
        assert_eq!(client.refusal().await, models::error::ErrorCode::MalformedRequest);

        // The largest accepted frame gets the usual answer, and one byte more does not.
        let sized = |bytes: usize| {
            let mut request = request();
            request.about.kind = String::new();
            let empty = serde_json::to_string(&models::runner::RegistrationFrame::Request(Box::new(request.clone())));
            request.about.kind = "x".repeat(bytes - empty.unwrap().len());
            request
        };
        let mut largest = RegistrationClient::with(address, sized(64 * 1024)).await;
        largest.code().await;
        let mut larger = RegistrationClient::with(address, sized(64 * 1024 + 1)).await;
        assert_eq!(larger.next_reply().await, None);
    }
}
