//! The real agent, from its start without a token to its link.

use std::{net::SocketAddr, os::unix::fs::PermissionsExt, path::Path, sync::mpsc};

use api::{db_test, store};
use axum::http::Method;
use harness::{TestServer, eventually};
use models::value::SecretText;
use runner_common::{
    Options, RegistrationError, RegistrationOptions, StateFolder, StateKey,
    conformance::{
        fake::{FakePlatform, FakeRunner},
        quick_timings,
    },
};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

type Registered = Result<Option<SecretText>, RegistrationError>;

/// Starts an agent without a token; returns its end and its user codes.
fn start(
    address: SocketAddr,
    folder: &Path,
    shutdown: &CancellationToken,
) -> (JoinHandle<Registered>, mpsc::Receiver<String>) {
    let options = RegistrationOptions {
        server_url: format!("http://{address}").parse().unwrap(),
        folder: folder.to_owned(),
        timings: quick_timings(),
    };
    let (shown, codes) = mpsc::channel();
    let shutdown = shutdown.clone();
    let running = tokio::spawn(async move {
        let runner = FakeRunner::new(FakePlatform::default());
        let show = |code: &runner_common::RegistrationPrompt| {
            shown.send(code.user_code.to_string()).ok();
        };
        runner_common::register(&runner, &options, show, &shutdown).await
    });
    (running, codes)
}

async fn shown(codes: &mpsc::Receiver<String>) -> String {
    eventually("a code is shown", async || codes.try_recv().ok()).await
}

db_test! {
    async fn an_agent_without_a_token_is_approved_connects_and_needs_no_second_time(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let folder = TempDir::new().unwrap();
        let state = folder.path().join("state");
        let shutdown = CancellationToken::new();
        let (running, codes) = start(address, &state, &shutdown);

        let path = format!("/workspace/{workspace_id}/registration");
        let found = owner.post(&path, &json!({"code": shown(&codes).await})).await;
        let registration = &found.body["registration"];
        assert_eq!(registration["state"], "waiting");
        assert_eq!(registration["address"], "127.0.0.1");
        assert_eq!(registration["suggested_name"], "memory");
        assert_eq!(registration["about"]["kind"], "fake");
        let id = registration["registration_id"].as_str().unwrap();
        let approve = format!("{path}/{id}/approve");
        let made = owner.post(&approve, &json!({"name": "build-box"})).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(made.body["runner"]["connected"], false);
        let token = running.await.unwrap().unwrap().unwrap();

        let kept = state.join("token");
        let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), token.expose());
        let options = Options {
            server_url: format!("http://{address}").parse().unwrap(),
            token: token.clone(),
            timings: quick_timings(),
            state: Some(StateFolder { path: state.clone(), key: StateKey::from_token(&token) }),
            policy: models::runner::HostPolicy::default(),
        };
        let runner = FakeRunner::new(FakePlatform::default());
        let linked = tokio::spawn(runner_common::run(runner, options, shutdown.clone()));
        let runner = made.body["runner"]["runner_id"].as_str().unwrap();
        let runner = format!("/workspace/{workspace_id}/runner/{runner}");
        let seen = eventually("the runner is connected", async || {
            let answer = owner.get(&runner).await;
            (answer.body["runner"]["connected"] == true).then_some(answer)
        })
        .await;
        assert_eq!(seen.body["runner"]["address"], "127.0.0.1");

        // Neither the token nor its hash nor a code can be read anywhere.
        let answer = owner.get(&format!("{path}/{id}")).await;
        assert_eq!(answer.body["registration"]["state"], "approved");
        assert!(!answer.text.contains("token") && !answer.text.contains("code"), "{}", answer.text);
        let newest = store::audit_event::newest(&server.app.db, workspace_id, 2).await.unwrap();
        let told: Vec<_> = newest
            .iter()
            .map(|event| (event.action.as_str(), event.target.as_deref()))
            .collect();
        assert_eq!(told, [("registration.approve", Some(id)), ("registration.find", None)]);

        // After a restart it has its token, even if the server is away.
        shutdown.cancel();
        linked.await.unwrap().unwrap();
        let nowhere = "127.0.0.1:1".parse().unwrap();
        let (running, _) = start(nowhere, &state, &CancellationToken::new());
        assert_eq!(running.await.unwrap().unwrap(), Some(token));
    }

    async fn a_denied_agent_reports_it_and_drops_its_token(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let folder = TempDir::new().unwrap();
        let (running, codes) = start(address, folder.path(), &CancellationToken::new());
        let path = format!("/workspace/{workspace_id}/registration");
        let found = owner.post(&path, &json!({"code": shown(&codes).await})).await;
        let id = found.body["registration"]["registration_id"].as_str().unwrap();
        let denied = owner.call(Method::POST, &format!("{path}/{id}/deny"), None).await;
        assert_eq!(denied.status, 204, "{denied:?}");
        let error = running.await.unwrap().unwrap_err();
        assert!(error.to_string().contains("denied"), "{error}");
        assert!(!folder.path().join("token.pending").exists());
        assert!(!folder.path().join("token").exists());
        let runners = owner.get(&format!("/workspace/{workspace_id}/runner")).await;
        assert_eq!(runners.body["total"], 0);
    }

    async fn an_expired_code_is_replaced_and_void(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let folder = TempDir::new().unwrap();
        let shutdown = CancellationToken::new();
        let (running, codes) = start(address, folder.path(), &shutdown);
        let path = format!("/workspace/{workspace_id}/registration");
        let first = shown(&codes).await;
        let found = owner.post(&path, &json!({"code": first})).await;
        let id = found.body["registration"]["registration_id"].as_str().unwrap().parse().unwrap();
        api::services::registration::withdraw(&server.app, id).await.unwrap();
        let second = shown(&codes).await;
        assert_ne!(first, second);
        assert_eq!(owner.post(&path, &json!({"code": first})).await.code(), "registration_code_unknown");
        assert_eq!(owner.post(&path, &json!({"code": second})).await.status, 200);

        // Asked to stop, it ends without a token, and its code is void.
        shutdown.cancel();
        assert_eq!(running.await.unwrap().unwrap(), None);
        eventually("the code is void", async || {
            let answer = owner.post(&path, &json!({"code": second})).await;
            (answer.code() == "registration_code_unknown").then_some(())
        })
        .await;
    }
}
