//! Every endpoint × nobody, a stranger, an insufficient role, the right role.
//!
//! The cases come from the registry of endpoints, so that none is left out.

use api::{db::Commit, db_test, services, store};
use axum::http::{Method, Request, header};
use models::{
    WorkspaceId,
    api::{ALL, PREFIX},
    endpoint::{Access, EndpointInfo},
    rbac::Role,
};
use serde_json::{Value, json};

use crate::{
    harness::{Answer, Client, TestServer, unconnected},
    registration,
};

/// Existing resources, for the paths of requests.
pub(crate) struct Things {
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) deployment_id: String,
    pub(crate) release_id: String,
    pub(crate) registry_id: String,
    pub(crate) runner_id: String,
    unused_runner_id: String,
    pub(crate) secret_id: String,
    pub(crate) volume_id: String,
    registration_id: String,
    other_registration_id: String,
    code: String,
}

impl Things {
    /// Creates a deployment, live and with a rollout in progress, and two runners.
    pub(crate) async fn make(
        server: &TestServer,
        owner: &mut Client,
        workspace_id: WorkspaceId,
    ) -> Self {
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await;
        let unused = owner.post(&runners, &json!({"name": "unused"})).await;
        let runner_id = text(&runner.body["runner"]["runner_id"]);
        let deployment = owner
            .post(
                &format!("/workspace/{workspace_id}/deployment"),
                &json!({
                    "name": "app", "runner_id": runner_id, "spec": {"image": "app:1"},
                }),
            )
            .await;
        assert_eq!(deployment.status, 201, "{deployment:?}");
        let secrets = format!("/workspace/{workspace_id}/secret");
        let secret = owner
            .post(&secrets, &json!({"name": "KEY", "secret_value": "hush"}))
            .await;
        let registries = format!("/workspace/{workspace_id}/registry");
        let registry = owner
            .post(
                &registries,
                &json!({"host": "ghcr.io", "user_name": "ada", "password": "hush"}),
            )
            .await;
        let volumes = format!("/workspace/{workspace_id}/volume");
        let volume = json!({"name": "data", "runner_id": runner_id, "size_bytes": 1 << 20});
        let volume = owner.post(&volumes, &volume).await;
        let volume_id = text(&volume.body["volume"]["volume_id"]);
        lose(server, &runner_id, &volume_id).await;
        let deployment = &deployment.body["deployment"];
        let deployment_id = text(&deployment["deployment_id"]);
        let live = json!({
            "deployment_id": deployment_id, "release_id": deployment["release"]["release_id"],
            "phase": "live",
        });
        let runner = runner_id.parse().unwrap();
        server.hears(unconnected(runner), live).await;
        let path = format!("/workspace/{workspace_id}/deployment/{deployment_id}/deploy");
        let next = owner.call(Method::POST, &path, None).await;
        let [(_, code), first, second] = [
            registration::waiting(server).await,
            registration::waiting(server).await,
            registration::waiting(server).await,
        ];
        let path = format!("/workspace/{workspace_id}/registration");
        for (_, code) in [&first, &second] {
            let found = owner.post(&path, &json!({"code": code})).await;
            assert_eq!(found.status, 200, "{found:?}");
        }
        Self {
            registration_id: first.0,
            other_registration_id: second.0,
            code,
            workspace_id,
            deployment_id,
            release_id: text(&next.body["deployment"]["release"]["release_id"]),
            registry_id: text(&registry.body["registry"]["registry_id"]),
            runner_id,
            unused_runner_id: text(&unused.body["runner"]["runner_id"]),
            secret_id: text(&secret.body["secret"]["secret_id"]),
            volume_id,
        }
    }

    /// The path of the deployment below the API's prefix.
    pub(crate) fn path_of_deployment(&self) -> String {
        format!(
            "/workspace/{}/deployment/{}",
            self.workspace_id, self.deployment_id
        )
    }

    pub(crate) fn path(&self, info: &EndpointInfo) -> String {
        let runner_id = if info.name == "DeleteRunner" {
            &self.unused_runner_id
        } else {
            &self.runner_id
        };
        let registration_id = if info.name == "DenyRegistration" {
            &self.other_registration_id
        } else {
            &self.registration_id
        };
        info.path
            .replace("{registration_id}", registration_id)
            .replace("{workspace_id}", &self.workspace_id.to_string())
            .replace("{deployment_id}", &self.deployment_id)
            .replace("{release_id}", &self.release_id)
            .replace("{registry_id}", &self.registry_id)
            .replace("{runner_id}", runner_id)
            .replace("{secret_id}", &self.secret_id)
            .replace("{volume_id}", &self.volume_id)
            .replace("{instance_id}", &uuid::Uuid::nil().to_string())
    }

    /// A request that succeeds for the right caller.
    pub(crate) fn request(&self, info: &EndpointInfo) -> Option<Value> {
        let request = match info.name {
            "CreateDeployment" => json!({
                "name": "other", "runner_id": self.runner_id, "spec": {"image": "app:1"},
            }),
            "UpdateDeployment" => json!({"spec": {"image": "app:2"}}),
            "RunCommand" => json!({"command": ["/bin/true"]}),
            "CreateRegistry" => json!({
                "host": "docker.io", "user_name": "ada", "password": "hush",
            }),
            "UpdateRegistry" => json!({"password": "hush hush"}),
            "CreateRunner" => json!({"name": "second"}),
            "CreateSecret" => json!({"name": "OTHER", "secret_value": "hush"}),
            "UpdateSecret" => json!({"secret_value": "hush hush"}),
            "CreateVolume" => json!({
                "name": "more", "runner_id": self.runner_id, "size_bytes": 1 << 20,
            }),
            "UpdateVolume" => json!({"name": "renamed", "size_bytes": 1 << 21}),
            "FindRegistration" => json!({"code": self.code}),
            "ApproveRegistration" => json!({"name": "third"}),
            "CreateWorkspace" => json!({"name": "another"}),
            _ => return None,
        };
        Some(request)
    }
}

/// Has a runner report a volume, and then its loss.
async fn lose(server: &TestServer, runner_id: &str, volume_id: &str) {
    let (app, volume_id) = (&server.app, volume_id.parse().unwrap());
    let reporter = unconnected(runner_id.parse().unwrap());
    let (runner_id, now) = (reporter.runner_id, app.clock.now());
    let putting = app.db.write(async |tx| {
        store::volume::put_in_use(tx, runner_id, volume_id, now)
            .await
            .map(Commit)
    });
    assert!(putting.await.unwrap());
    services::volume::lost(app, reporter, volume_id)
        .await
        .unwrap();
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn call(client: &mut Client, info: &EndpointInfo, things: &Things) -> Answer {
    let path = things.path(info);
    assert!(
        !path.contains('{'),
        "{} has a field that this test does not know",
        info.name
    );
    client
        .call(info.method.clone(), &path, things.request(info).as_ref())
        .await
}

/// The position in the order of calls: destructive endpoints come last.
pub(crate) fn order(info: &EndpointInfo) -> u8 {
    match info.name {
        "DeleteDeployment" | "DeleteRegistry" | "DeleteSecret" | "DeleteVolume" => 1,
        // The volume must be in the trash first.
        "ForgetVolume" => 2,
        "SignOut" => 3,
        _ => 0,
    }
}

/// The status of an allowed call.
pub(crate) fn success(info: &EndpointInfo) -> u16 {
    match info.name {
        // It fails on the missing upgrade, which no test client makes.
        _ if info.stream => 400,
        // It finds no runner.
        "RunCommand" => 409,
        _ => info.success.as_u16(),
    }
}

/// Endpoints that sign people in; their rules have their own tests.
const SIGNING_IN: [&str; 2] = ["CompleteSetup", "SignIn"];

db_test! {
    async fn every_endpoint_lets_in_whom_it_declares_and_nobody_else(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut nobody = server.anybody();
        let mut stranger = server.person("eve", None).await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let mut endpoints: Vec<&EndpointInfo> = ALL.iter().collect();
        endpoints.sort_by_key(|info| order(info));
        for info in endpoints {
            if SIGNING_IN.contains(&info.name) {
                assert_eq!(info.access, Access::Public);
                continue;
            }
            let success = success(info);
            let status = call(&mut nobody, info, &things).await.status;
            match info.access {
                Access::Public => {
                    assert_eq!(status, success, "{} and nobody", info.name);
                    continue;
                }
                _ => assert_eq!(status, 401, "{} and nobody", info.name),
            }
            match info.access {
                Access::Permission { permission, .. } => {
                    let answer = call(&mut stranger, info, &things).await;
                    assert_eq!(answer.status, 404, "{} and a stranger", info.name);
                    let answer = call(&mut viewer, info, &things).await;
                    if !Role::Viewer.grants().allow(permission) {
                        assert_eq!(answer.status, 403, "{} and a viewer", info.name);
                    } else if !info.stream {
                        assert_eq!(answer.status, success, "{} and a viewer", info.name);
                    }
                }
                Access::Runner => {
                    let answer = call(&mut owner, info, &things).await;
                    assert_eq!(answer.status, 401, "{} and a person", info.name);
                    continue;
                }
                Access::Public | Access::SignedIn => {}
            }
            let answer = call(&mut owner, info, &things).await;
            assert_eq!(answer.status, success, "{} and the owner: {answer:?}", info.name);
        }
    }

    async fn another_workspaces_ids_are_not_found(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut things = Things::make(&server, &mut owner, workspace_id).await;
        // Eve owns a workspace too, so every role check passes, and names Ada's resources in
        // it.
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        things.workspace_id = text(&own.body["workspace"]["workspace_id"]).parse().unwrap();
        let mut walked = 0;
        for info in ALL {
            let things_of_path =
                ["deployment", "registration", "registry", "release", "runner", "secret", "volume"].map(|thing| format!("{{{thing}_id}}"));
            let names_a_thing = things_of_path.iter().any(|field| info.path.contains(field));
            // Streams check this after the upgrade; `streams` has those tests.
            let names_a_runner = ["CreateDeployment", "CreateVolume"].contains(&info.name);
            if info.stream || !(names_a_thing || names_a_runner) {
                continue;
            }
            walked += 1;
            let answer = call(&mut eve, info, &things).await;
            let expected = if names_a_runner { "runner_not_found" } else { "not_found" };
            assert_eq!(answer.code(), expected, "{}", info.name);
        }
        assert!(walked >= 34, "only {walked} endpoints were walked");
        let path = format!("/workspace/{workspace_id}/deployment/{}", things.deployment_id);
        let untouched = owner.get(&path).await;
        assert_eq!(untouched.body["deployment"]["desired"], "running");
        assert_eq!(untouched.body["deployment"]["spec"]["image"], "app:1");
    }

    async fn a_member_is_sent_their_grants_with_the_workspace(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        for (person, role) in [(&mut owner, Role::Owner), (&mut viewer, Role::Viewer)] {
            let grants = json!(role.grants());
            let one = person.get(&format!("/workspace/{workspace_id}")).await;
            assert_eq!(one.body["workspace"]["grants"], grants);
            let all = person.get("/workspace").await;
            assert_eq!(all.body["items"][0]["grants"], grants);
        }
        let new = viewer.post("/workspace", &json!({"name": "own"})).await;
        assert_eq!(new.body["workspace"]["grants"], json!(Role::Owner.grants()));
    }

    async fn a_runners_token_opens_nothing_but_its_link(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/runner");
        let token = text(&owner.post(&path, &json!({"name": "first"})).await.body["token"]);
        let mut runner = server.anybody();
        for info in ALL.iter().filter(|info| info.access != Access::Public) {
            let request = Request::builder()
                .method(info.method.clone())
                .uri(format!("{PREFIX}{}", info.path.replace("{workspace_id}", &workspace_id.to_string())))
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(axum::body::Body::empty())
                .unwrap();
            let status = runner.send(request).await.status;
            match info.access {
                // The call is allowed, and then fails on the missing upgrade.
                Access::Runner => assert_eq!(status, 400),
                _ => assert!([401, 404].contains(&status), "{} gave {status}", info.name),
            }
        }
    }
}

#[test]
fn no_get_needs_more_than_looking() {
    // A stream is not an address that a link can open: it checks the request's origin.
    let gets = ALL.iter().filter(|info| info.method == Method::GET);
    for info in gets.filter(|info| !info.stream) {
        if let Access::Permission { permission, .. } = info.access {
            assert!(
                Role::Viewer.grants().allow(permission),
                "{} changes something",
                info.name
            );
        }
    }
}
