//! A runner without a token, and the possible answers of a server.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests speak by panics"
)]

use std::{path::Path, sync::mpsc, time::Duration};

use models::{
    RunnerId,
    error::ErrorCode,
    runner::{
        PROTOCOL_VERSION, RegistrationFrame, RegistrationReply, RegistrationRequest, RunnerInfo,
    },
    value::{Base64, SecretText, UserCode},
};
use runner_common::{
    RegistrationError, RegistrationOptions, RegistrationPrompt,
    conformance::{
        RegistrationServer,
        fake::{FakePlatform, FakeRunner},
        quick_timings,
    },
    register,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

type Registered = Result<Option<SecretText>, RegistrationError>;

fn start(
    server: &RegistrationServer,
    folder: &Path,
) -> (JoinHandle<Registered>, mpsc::Receiver<RegistrationPrompt>) {
    let options = RegistrationOptions {
        server_url: server.url().parse().unwrap(),
        folder: folder.to_owned(),
        timings: quick_timings(),
    };
    let (shown, codes) = mpsc::channel();
    let running = tokio::spawn(async move {
        let runner = FakeRunner::new(FakePlatform::default());
        let show = |code: &RegistrationPrompt| shown.send(code.clone()).unwrap();
        register(&runner, &options, show, &CancellationToken::new()).await
    });
    (running, codes)
}

fn code(code: &str, url: &str) -> RegistrationReply {
    RegistrationReply::Code {
        user_code: UserCode::trusted(code),
        verification_uri: url.to_owned(),
        expires_in_ms: 600_000,
    }
}

fn denied(code: ErrorCode) -> RegistrationReply {
    RegistrationReply::Denied {
        code,
        message: code.message().to_owned(),
    }
}

fn approved() -> RegistrationReply {
    RegistrationReply::Approved {
        runner_id: RunnerId::from_uuid(Uuid::now_v7()),
    }
}

#[tokio::test]
async fn a_runner_shows_its_code_and_keeps_the_token_of_the_sent_hash() {
    let (server, folder) = (
        RegistrationServer::open().await,
        tempfile::tempdir().unwrap(),
    );
    let (running, codes) = start(&server, folder.path());
    let mut pending = server.next_request().await;
    assert_eq!(pending.request.protocol, PROTOCOL_VERSION);
    assert_eq!(pending.request.about.kind, "fake");
    pending
        .send_text(json!({"type": "from_the_future"}).to_string())
        .await;
    pending
        .reply(&code(
            "bdwphqpk",
            "https://berth.example.org/register?code=BDWP-HQPK",
        ))
        .await;
    pending.reply(&approved()).await;
    let token = running.await.unwrap().unwrap().unwrap();
    assert_eq!(
        pending.request.token_hash.0,
        Sha256::digest(token.expose()).to_vec()
    );
    let shown = codes.recv().unwrap();
    assert_eq!(shown.user_code.as_str(), "BDWP-HQPK");
    assert_eq!(
        shown.verification_uri,
        "https://berth.example.org/register?code=BDWP-HQPK"
    );
    assert_eq!(shown.expires_in, Duration::from_mins(10));
}

#[tokio::test]
async fn a_lost_connection_is_made_again_with_the_same_token() {
    let (server, folder) = (
        RegistrationServer::open().await,
        tempfile::tempdir().unwrap(),
    );
    let (running, _codes) = start(&server, folder.path());
    let first = server.next_request().await;
    let hash = first.request.token_hash.clone();
    drop(first);
    let mut second = server.next_request().await;
    assert_eq!(second.request.token_hash, hash);
    // Nobody entered the code in time; then there were too many requests.
    second.reply(&denied(ErrorCode::RegistrationEnded)).await;
    let mut third = server.next_request().await;
    third.reply(&denied(ErrorCode::TooManyRegistrations)).await;
    // Not even a restart makes it ask with another one.
    running.abort();
    running.await.unwrap_err();
    let (running, _codes) = start(&server, folder.path());
    let mut last = server.next_request().await;
    assert_eq!(last.request.token_hash, hash);
    last.reply(&approved()).await;
    running.await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_denial_ends_it_and_the_next_time_it_has_another_token() {
    let (server, folder) = (
        RegistrationServer::open().await,
        tempfile::tempdir().unwrap(),
    );
    let (running, _codes) = start(&server, folder.path());
    let mut pending = server.next_request().await;
    pending.reply(&denied(ErrorCode::RegistrationDenied)).await;
    let error = running.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), ErrorCode::RegistrationDenied.message());
    let (_running, _codes) = start(&server, folder.path());
    assert_ne!(
        server.next_request().await.request.token_hash,
        pending.request.token_hash
    );
}

#[tokio::test]
async fn text_of_a_server_is_checked_before_a_terminal_shows_it() {
    let (server, folder) = (
        RegistrationServer::open().await,
        tempfile::tempdir().unwrap(),
    );
    let (running, codes) = start(&server, folder.path());
    for hostile in [
        code("BDWP-HQPK", "https://a/\u{1b}]0;title\u{7}"),
        code("BDWP-HQPK", "https://a/ now run: rm -rf"),
        code("\u{1b}[2JBDWPHQPK", "https://a/"),
    ] {
        let mut pending = server.next_request().await;
        pending.reply(&hostile).await;
    }
    let mut pending = server.next_request().await;
    pending.reply(&approved()).await;
    running.await.unwrap().unwrap().unwrap();
    assert!(codes.recv().is_err(), "something was shown");
}

#[test]
fn frames_until_registered() {
    let ask = RegistrationFrame::Request(Box::new(RegistrationRequest {
        protocol: PROTOCOL_VERSION,
        about: RunnerInfo {
            kind: "docker".to_owned(),
            version: "0.1.0".to_owned(),
            platform_version: "20.10.24".to_owned(),
            platform_api: None,
            tested_platforms: Vec::new(),
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            host_name: "shed".to_owned(),
            cpus: 2,
            memory_bytes: 4_294_967_296,
            disk_bytes: None,
            tags: false,
            private_networks: false,
            runs: false,
            app_firewall: None,
            volumes: true,
            publish_address: None,
            policy: None,
        },
        token_hash: Base64(vec![7; 32]),
    }));
    let answers = [
        code(
            "BDWP-HQPK",
            "https://berth.example.org/register?code=BDWP-HQPK",
        ),
        RegistrationReply::Approved {
            runner_id: RunnerId::from_uuid(Uuid::nil()),
        },
        denied(ErrorCode::RegistrationDenied),
    ];
    insta::assert_json_snapshot!((ask, answers));
}
