//! Every error code that an endpoint declares occurs here at least once.
//!
//! The server itself asserts in every test that no undeclared code occurs.

mod environments;
mod registrations;
mod runs;
mod sizes;
mod volumes;

use std::{collections::BTreeSet, net::SocketAddr};

use api::{client::ClientAddress, db_test, services};
use axum::http::Method;
use harness::{
    Answer, Client, Fake, TestServer, eventually,
    streams::{Link, hello},
    terminal::App,
};
use models::{
    WorkspaceId,
    api::ALL,
    api_token::MAX_API_TOKENS,
    error::ErrorCode,
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
};
use runner_common::{InstanceKey, conformance::Subject};
use serde_json::{Value, json};

use crate::terminal::Terminal;

/// The codes that have occurred.
#[derive(Default)]
struct Met(BTreeSet<(&'static str, ErrorCode)>);

impl Met {
    fn answer(&mut self, endpoint: &'static str, answer: &Answer) {
        let code = serde_json::from_value(answer.body["code"].clone());
        self.0.insert((
            endpoint,
            code.unwrap_or_else(|_| panic!("{endpoint}: {answer:?}")),
        ));
    }
}

async fn deployment(owner: &mut Client, path: &str, runner_id: &Value, name: &str) -> Answer {
    let request = json!({"name": name, "runner_id": runner_id, "spec": {"image": "app:1"}});
    owner.post(path, &request).await
}

/// Errors of running a program.
async fn commands(
    met: &mut Met,
    server: &TestServer,
    owner: &mut Client,
    workspace_id: WorkspaceId,
    address: SocketAddr,
    mut fake: Fake,
) {
    let app = App::deploy(owner, workspace_id, &fake).await;
    let run = async |met: &mut Met, owner: &mut Client, program: &str| {
        let request = json!({"command": [program]});
        let answer = owner.post(&format!("{}/command", app.path), &request).await;
        met.answer("RunCommand", &answer);
    };
    let open = async |met: &mut Met, owner: &Client, query: &str| {
        let mut terminal = Terminal::open(owner, address, &app, query).await;
        met.0.insert(("OpenTerminal", terminal.refusal().await));
    };
    run(met, owner, "/bin/nothing").await;
    open(met, owner, "?command=/bin/nothing").await;

    let mut first = Terminal::open(owner, address, &app, "").await;
    first.type_in("x").await;
    first.shows("x").await;
    open(met, owner, "").await;
    met.0.insert(("OpenTerminal", first.refusal().await));

    // The instance exited, but its platform still reports it as running.
    fake.platform.break_it(|faults| faults.lies = true);
    let key = InstanceKey {
        runner_id: fake.runner_id,
        deployment_id: app.deployment_id.parse().unwrap(),
        release_id: app.release_id.parse().unwrap(),
        instance_id: app.instance_id.parse().unwrap(),
        attempt: None,
    };
    fake.platform.kill(&key).await;
    run(met, owner, "/bin/true").await;
    open(met, owner, "").await;

    fake.leave();
    let runner = format!("/workspace/{workspace_id}/runner/{}", fake.runner_id);
    eventually("the runner is away", async || {
        let answer = owner.get(&runner).await;
        (answer.body["runner"]["connected"] == false).then_some(())
    })
    .await;
    run(met, owner, "/bin/true").await;
    open(met, owner, "").await;
    let other = server.beside(&[]);
    services::runner::acquire_lease(&other.app, fake.runner_id, ClientAddress(address.ip()))
        .await
        .unwrap();
    run(met, owner, "/bin/true").await;
    open(met, owner, "").await;
}

db_test! {
    async fn every_declared_error_is_met(db: Db) {
        let settings = [
            ("BERTH__TERMINALS__MAX_PER_PERSON", "1"),
            ("BERTH__TERMINALS__IDLE_LIMIT_MS", "3000"),
        ];
        let server = TestServer::with_settings(db, &settings);
        let mut met = Met::default();
        let setup = json!({
            "token": "guess", "name": "Eve", "email": "eve@example.org",
            "password": "long enough a password", "workspace_name": "main",
        });
        met.answer("CompleteSetup", &server.anybody().post("/setup", &setup).await);
        let (mut owner, workspace_id) = server.set_up().await;
        met.answer("CompleteSetup", &server.anybody().post("/setup", &setup).await);
        met.answer("SignIn", &server.anybody().sign_in("eve@example.org", "guess").await);

        let runners = format!("/workspace/{workspace_id}/runner");
        let runner_id = owner.post(&runners, &json!({"name": "first"})).await.body["runner"]["runner_id"].clone();
        met.answer("CreateRunner", &owner.post(&runners, &json!({"name": "first"})).await);
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let nobodys = json!(uuid::Uuid::nil());
        met.answer("CreateDeployment", &deployment(&mut owner, &deployments, &nobodys, "a").await);
        let made = deployment(&mut owner, &deployments, &runner_id, "a").await;
        met.answer("CreateDeployment", &deployment(&mut owner, &deployments, &runner_id, "a").await);
        let runner = format!("{runners}/{}", runner_id.as_str().unwrap());
        met.answer("DeleteRunner", &owner.call(Method::DELETE, &runner, None).await);

        let tokens = format!("/workspace/{workspace_id}/api-token");
        for number in 0..MAX_API_TOKENS {
            let token = json!({"name": format!("t{number}"), "role": "viewer"});
            assert_eq!(owner.post(&tokens, &token).await.status, 201);
            if number == 0 {
                met.answer("CreateApiToken", &owner.post(&tokens, &token).await);
            }
        }
        let one_more = json!({"name": "one-more", "role": "viewer"});
        met.answer("CreateApiToken", &owner.post(&tokens, &one_more).await);

        let registries = format!("/workspace/{workspace_id}/registry");
        let registry = json!({"host": "ghcr.io", "user_name": "ada", "password": "hush"});
        assert_eq!(owner.post(&registries, &registry).await.status, 201);
        met.answer("CreateRegistry", &owner.post(&registries, &registry).await);

        let secrets = format!("/workspace/{workspace_id}/secret");
        let secret = json!({"name": "KEY", "secret_value": "hush"});
        let kept = owner.post(&secrets, &secret).await.body["secret"]["secret_id"].clone();
        met.answer("CreateSecret", &owner.post(&secrets, &secret).await);
        let named = |secret: &Value| {
            json!({"image": "app:1", "environment": [{"name": "KEY", "secret_id": secret}]})
        };
        let nowhere = json!({"name": "c", "runner_id": runner_id, "spec": named(&nobodys)});
        met.answer("CreateDeployment", &owner.post(&deployments, &nowhere).await);
        let source = json!({"kind": "git", "repository": "https://git.example.org/team/app.git"});
        let from_git = json!({
            "name": "c", "runner_id": runner_id, "source": source, "spec": {"image": "app:1"},
        });
        met.answer("CreateDeployment", &owner.post(&deployments, &from_git).await);

        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{deployments}/{id}");
        let release = made.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let release = format!("{path}/release/{release}");
        met.answer(
            "RestartDeployment",
            &owner.call(Method::POST, &format!("{path}/restart"), None).await,
        );
        let cancel = format!("{release}/cancel");
        assert_eq!(owner.call(Method::POST, &cancel, None).await.status, 202);
        met.answer("CancelRelease", &owner.call(Method::POST, &cancel, None).await);
        let change = json!({"spec": named(&nobodys)});
        met.answer("UpdateDeployment", &owner.call(Method::PATCH, &path, Some(&change)).await);
        let change = json!({"spec": named(&kept), "if_unchanged_since": "2020-01-01T00:00:00Z"});
        met.answer("UpdateDeployment", &owner.call(Method::PATCH, &path, Some(&change)).await);
        let change = json!({"spec": named(&kept)});
        let used = owner.call(Method::PATCH, &path, Some(&change)).await;
        let uses = used.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let secret = format!("{secrets}/{}", kept.as_str().unwrap());
        met.answer("DeleteSecret", &owner.call(Method::DELETE, &secret, None).await);
        let change = json!({"spec": {"image": "app:1"}});
        assert_eq!(owner.call(Method::PATCH, &path, Some(&change)).await.status, 200);
        assert_eq!(owner.call(Method::DELETE, &secret, None).await.status, 204);
        let back = format!("{path}/release/{uses}/roll-back");
        met.answer("RollBackDeployment", &owner.call(Method::POST, &back, None).await);
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        let change = json!({"spec": {"image": "app:2"}});
        met.answer("UpdateDeployment", &owner.call(Method::PATCH, &path, Some(&change)).await);
        for (endpoint, verb) in [
            ("DeployDeployment", "deploy"), ("StartDeployment", "start"), ("StopDeployment", "stop"),
        ] {
            let answer = owner.call(Method::POST, &format!("{path}/{verb}"), None).await;
            met.answer(endpoint, &answer);
        }
        met.answer(
            "RestartDeployment",
            &owner.call(Method::POST, &format!("{path}/restart"), None).await,
        );
        met.answer(
            "RollBackDeployment",
            &owner.call(Method::POST, &format!("{release}/roll-back"), None).await,
        );

        sizes::meet(&mut met, &server, &mut owner, workspace_id).await;
        environments::meet(&mut met, &mut owner, workspace_id, &runner_id).await;
        volumes::meet(&mut met, &server, &mut owner, workspace_id).await;
        Box::pin(runs::meet(&mut met, &server, &mut owner, workspace_id)).await;

        let mut environment = Vec::new();
        for number in 0..9 {
            let large = json!({"name": format!("K{number}"), "secret_value": "x".repeat(64 * 1024)});
            let kept = owner.post(&secrets, &large).await;
            let secret = &kept.body["secret"]["secret_id"];
            environment.push(json!({"name": format!("K{number}"), "secret_id": secret}));
        }
        let large = json!({
            "name": "large", "runner_id": runner_id, "deploy": false,
            "spec": {"image": "app:1", "environment": environment},
        });
        let made = owner.post(&deployments, &large).await;
        let path = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{deployments}/{path}");
        for (endpoint, verb) in [("DeployDeployment", "deploy"), ("StartDeployment", "start")] {
            let answer = owner.call(Method::POST, &format!("{path}/{verb}"), None).await;
            met.answer(endpoint, &answer);
        }

        let address = server.serve().await;
        Box::pin(registrations::meet(&mut met, &server, &mut owner, workspace_id, address)).await;
        let fake = Fake::join(&mut owner, workspace_id, "second", address).await;
        for protocol in [PROTOCOL_VERSION, PROTOCOL_VERSION + 1] {
            let mut link = Link::open(address, fake.token()).await;
            link.send(&RunnerFrame::Hello(hello(protocol))).await;
            match link.receive().await {
                ServerFrame::Refused { code, .. } => met.0.insert(("ConnectRunner", code)),
                other => panic!("a second link was not refused: {other:?}"),
            };
        }

        commands(&mut met, &server, &mut owner, workspace_id, address, fake).await;

        let declared: BTreeSet<_> = ALL
            .iter()
            .flat_map(|info| info.declared_errors.iter().map(|code| (info.name, *code)))
            .collect();
        assert_eq!(met.0, declared);
    }
}
