//! The program itself, started without a token.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use models::{
    RunnerId,
    runner::RegistrationReply,
    value::{Base64, UserCode},
};
use runner_common::conformance::RegistrationServer;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use uuid::Uuid;

use crate::platform::Engine;

fn program(server: &RegistrationServer, state: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_berth-runner-docker"))
        .args(["--server", &server.url(), "--state-dir"])
        .arg(state)
        .env_clear()
        // Nothing but the code itself is printed.
        .env("BERTH_RUNNER_LOG", "off")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

fn code() -> RegistrationReply {
    RegistrationReply::Code {
        user_code: UserCode::trusted("BDWP-HQPK"),
        verification_uri: "http://localhost:3000/register?code=BDWP-HQPK".to_owned(),
        expires_in_ms: 600_000,
    }
}

/// Returns a program's output up to the line with the code.
async fn printed(program: &mut Child) -> String {
    let mut lines = BufReader::new(program.stderr.take().unwrap()).lines();
    let mut printed = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        printed.push_str(&line);
        printed.push('\n');
        if line.contains("enter the code BDWP-HQPK") {
            return printed;
        }
    }
    panic!("it shows no code: {printed}");
}

#[tokio::test]
async fn the_program_shows_a_code_and_keeps_the_token_that_is_approved() {
    if Engine::if_wanted().await.is_none() {
        return;
    }
    let (server, place) = (
        RegistrationServer::open().await,
        tempfile::tempdir().unwrap(),
    );
    let state = place.path().join("state");
    let mut first = program(&server, &state);
    let mut pending = server.next_request().await;
    let about = &pending.request.about;
    assert_eq!(
        (about.kind.as_str(), about.os.as_str()),
        ("docker", "linux")
    );
    assert!(
        about.disk_bytes.is_some_and(|disk| disk > 1 << 30),
        "{about:?}"
    );
    pending.reply(&code()).await;
    let shown = printed(&mut first).await;
    assert!(
        shown.contains("http://localhost:3000/register?code=BDWP-HQPK"),
        "{shown}"
    );
    let runner_id = RunnerId::from_uuid(Uuid::now_v7());
    pending
        .reply(&RegistrationReply::Approved { runner_id })
        .await;

    let token = server.next_link_token().await;
    let kept = state.join("token");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), token);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&kept)), (0o700, 0o600));
    assert_eq!(
        pending.request.token_hash,
        Base64(Sha256::digest(&token).to_vec())
    );
    first.kill().await.unwrap();

    // It does not ask a second time.
    let _second = program(&server, &state);
    assert_eq!(server.next_link_token().await, token);
}
