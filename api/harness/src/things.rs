//! One of each thing that endpoints are about.

use api::{db::Commit, services, store};
use axum::http::Method;
use models::{WorkspaceId, endpoint::EndpointInfo};
use serde_json::{Value, json};

use crate::{Client, TestServer, registration, unconnected};

/// Existing resources, for the paths of requests.
pub struct Things {
    pub api_token_id: String,
    pub workspace_id: WorkspaceId,
    pub deployment_id: String,
    pub environment_id: String,
    pub project_id: String,
    pub release_id: String,
    pub run_id: String,
    pub registry_id: String,
    pub runner_id: String,
    pub unused_runner_id: String,
    pub secret_id: String,
    pub volume_id: String,
    pub registration_id: String,
    pub other_registration_id: String,
    pub code: String,
}

impl Things {
    /// Creates a deployment, live and with a rollout in progress, and two runners.
    pub async fn make(server: &TestServer, owner: &mut Client, workspace_id: WorkspaceId) -> Self {
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await;
        let unused = owner.post(&runners, &json!({"name": "unused"})).await;
        let runner_id = text(&runner.body["runner"]["runner_id"]);
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let app = json!({"name": "app", "runner_id": runner_id, "spec": {"image": "app:1"}});
        let deployment = owner.post(&deployments, &app).await;
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
        let (project_id, environment_id) = empty_places(owner, workspace_id).await;
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
        let path = format!("/workspace/{workspace_id}/deployment/{deployment_id}/run");
        let run = owner.post(&path, &json!({})).await;
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
            api_token_id: api_token(owner, workspace_id).await,
            registration_id: first.0,
            other_registration_id: second.0,
            code,
            workspace_id,
            deployment_id,
            environment_id,
            project_id,
            release_id: text(&next.body["deployment"]["release"]["release_id"]),
            run_id: text(&run.body["run"]["run_id"]),
            registry_id: text(&registry.body["registry"]["registry_id"]),
            runner_id,
            unused_runner_id: text(&unused.body["runner"]["runner_id"]),
            secret_id: text(&secret.body["secret"]["secret_id"]),
            volume_id,
        }
    }

    /// The path of the deployment below the API's prefix.
    pub fn path_of_deployment(&self) -> String {
        format!(
            "/workspace/{}/deployment/{}",
            self.workspace_id, self.deployment_id
        )
    }

    pub fn path(&self, info: &EndpointInfo) -> String {
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
            .replace("{api_token_id}", &self.api_token_id)
            .replace("{deployment_id}", &self.deployment_id)
            .replace("{environment_id}", &self.environment_id)
            .replace("{project_id}", &self.project_id)
            .replace("{release_id}", &self.release_id)
            .replace("{run_id}", &self.run_id)
            .replace("{registry_id}", &self.registry_id)
            .replace("{runner_id}", runner_id)
            .replace("{secret_id}", &self.secret_id)
            .replace("{volume_id}", &self.volume_id)
            .replace("{instance_id}", &uuid::Uuid::nil().to_string())
    }

    /// A request that succeeds for the right caller.
    pub fn request(&self, info: &EndpointInfo) -> Option<Value> {
        let request = match info.name {
            "CreateApiToken" => json!({"name": "deploys", "role": "viewer"}),
            "CreateDeployment" => json!({
                "name": "other", "runner_id": self.runner_id, "spec": {"image": "app:1"},
            }),
            "CreateEnvironment" => json!({"name": "preview"}),
            "UpdateEnvironment" => json!({"name": "staging"}),
            "CreateProject" => json!({"name": "blog"}),
            "UpdateProject" => json!({"name": "shop"}),
            "UpdateDeployment" => json!({"spec": {"image": "app:2"}}),
            "RunCommand" => json!({"command": ["/bin/true"]}),
            "CreateRun" => json!({"entrypoint": ["/bin/true"], "arguments": ["now"]}),
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

/// Creates a project and an environment that nothing belongs to.
async fn empty_places(owner: &mut Client, workspace_id: WorkspaceId) -> (String, String) {
    let projects = format!("/workspace/{workspace_id}/project");
    let project = owner.post(&projects, &json!({"name": "shop"})).await;
    let environments = format!("/workspace/{workspace_id}/environment");
    let staging = json!({"name": "staging"});
    let environment = owner.post(&environments, &staging).await;
    (
        text(&project.body["project"]["project_id"]),
        text(&environment.body["environment"]["environment_id"]),
    )
}

async fn api_token(owner: &mut Client, workspace_id: WorkspaceId) -> String {
    let tokens = format!("/workspace/{workspace_id}/api-token");
    let token = json!({"name": "ci", "role": "owner"});
    let token = owner.post(&tokens, &token).await;
    text(&token.body["api_token"]["api_token_id"])
}

/// Has a runner report a volume, and then its loss.
pub async fn lose(server: &TestServer, runner_id: &str, volume_id: &str) {
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

pub fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
