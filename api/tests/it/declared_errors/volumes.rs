//! Errors of attaching volumes, and of operations on volumes.

use api::{db::Commit, services, store};
use axum::http::Method;
use harness::{Answer, Client, TestServer, streams::hello};
use models::{WorkspaceId, runner::PROTOCOL_VERSION, time::Timestamp};
use serde_json::{Value, json};

use crate::declared_errors::Met;

const SIZE: i64 = 2 << 20;

/// Four volumes and two deployments.
///
/// The volume `old` is in the trash, and the deployments have `one` and `two`.
struct Volumes<'a> {
    server: &'a TestServer,
    owner: &'a mut Client,
    path: String,
    runner: Value,
    one: Value,
    two: Value,
    far: Value,
    old: Value,
    nobodys: Value,
    first: String,
    second: String,
    /// The path that rolls the second deployment back.
    back: String,
}

pub(super) async fn meet(
    met: &mut Met,
    server: &TestServer,
    owner: &mut Client,
    workspace_id: WorkspaceId,
) {
    let mut volumes = Volumes::make(server, owner, workspace_id).await;
    volumes.refused(met).await;
    volumes.rolled_back(met).await;
    volumes.without_the_runner(met).await;
    volumes.purged(met).await;
}

fn spec(volume: &Value) -> Value {
    json!({"image": "app:1", "volumes": [{"volume_id": volume, "path": "/data"}]})
}

impl<'a> Volumes<'a> {
    async fn make(
        server: &'a TestServer,
        owner: &'a mut Client,
        workspace_id: WorkspaceId,
    ) -> Self {
        let path = format!("/workspace/{workspace_id}");
        let nobodys = json!(uuid::Uuid::nil());
        let mut volumes = Self {
            server,
            owner,
            path,
            runner: Value::Null,
            one: Value::Null,
            two: Value::Null,
            far: Value::Null,
            old: Value::Null,
            nobodys,
            first: String::new(),
            second: String::new(),
            back: String::new(),
        };
        let there = volumes.register("there").await;
        volumes.runner = volumes.register("here").await;
        volumes.one = volumes.volume("one").await;
        volumes.two = volumes.volume("two").await;
        volumes.old = volumes.volume("old").await;
        let far = volumes.create("far", &there).await;
        volumes.far = far.body["volume"]["volume_id"].clone();
        assert_eq!(volumes.delete(&volumes.old.clone()).await.status, 200);
        for name in ["first", "second"] {
            let volume = if name == "first" {
                &volumes.one
            } else {
                &volumes.two
            };
            let made = volumes.deploy(name, &spec(&volume.clone())).await;
            let made = &made.body["deployment"];
            let id = made["deployment_id"].as_str().unwrap();
            let release = made["release"]["release_id"].as_str().unwrap();
            volumes.first.clone_from(&volumes.second);
            volumes.second = format!("{}/deployment/{id}", volumes.path);
            volumes.back = format!("{}/release/{release}/roll-back", volumes.second);
        }
        volumes
    }

    async fn register(&mut self, name: &str) -> Value {
        let path = format!("{}/runner", self.path);
        let made = self.owner.post(&path, &json!({"name": name})).await;
        made.body["runner"]["runner_id"].clone()
    }

    async fn create(&mut self, name: &str, runner: &Value) -> Answer {
        let request = json!({"name": name, "runner_id": runner, "size_bytes": SIZE});
        let path = format!("{}/volume", self.path);
        self.owner.post(&path, &request).await
    }

    async fn volume(&mut self, name: &str) -> Value {
        let made = self.create(name, &self.runner.clone()).await;
        made.body["volume"]["volume_id"].clone()
    }

    fn path_of(&self, volume: &Value) -> String {
        format!("{}/volume/{}", self.path, volume.as_str().unwrap())
    }

    async fn delete(&mut self, volume: &Value) -> Answer {
        let path = self.path_of(volume);
        self.owner.call(Method::DELETE, &path, None).await
    }

    async fn deploy(&mut self, name: &str, spec: &Value) -> Answer {
        let request = json!({"name": name, "runner_id": self.runner, "spec": spec});
        let path = format!("{}/deployment", self.path);
        self.owner.post(&path, &request).await
    }

    async fn update(&mut self, deployment: &str, spec: &Value) -> Answer {
        let request = json!({"spec": spec});
        self.owner
            .call(Method::PATCH, deployment, Some(&request))
            .await
    }

    async fn roll_back(&mut self, met: &mut Met) {
        let back = self.back.clone();
        let answer = self.owner.call(Method::POST, &back, None).await;
        met.answer("RollBackDeployment", &answer);
    }

    /// Attaches a volume that does not fit, in both ways.
    async fn attach(&mut self, met: &mut Met, volume: &Value) {
        met.answer("CreateDeployment", &self.deploy("new", &spec(volume)).await);
        let second = self.second.clone();
        met.answer(
            "UpdateDeployment",
            &self.update(&second, &spec(volume)).await,
        );
    }

    async fn refused(&mut self, met: &mut Met) {
        let (runner, nobodys, one) = (self.runner.clone(), self.nobodys.clone(), self.one.clone());
        met.answer("CreateVolume", &self.create("one", &runner).await);
        met.answer("CreateVolume", &self.create("new", &nobodys).await);
        let path = self.path_of(&one);
        for wrong in [json!({"name": "two"}), json!({"size_bytes": SIZE / 2})] {
            let answer = self.owner.call(Method::PATCH, &path, Some(&wrong)).await;
            met.answer("UpdateVolume", &answer);
        }
        met.answer("DeleteVolume", &self.delete(&one).await);
        for (way, endpoint) in [
            ("forget", "ForgetVolume"),
            ("replace-lost", "ReplaceLostVolume"),
        ] {
            let path = format!("{path}/{way}");
            let answer = self.owner.call(Method::POST, &path, None).await;
            met.answer(endpoint, &answer);
        }
        for wrong in [one, self.far.clone(), self.old.clone(), nobodys] {
            self.attach(met, &wrong).await;
        }
    }

    /// Frees the second volume by leaving it out of the settings.
    ///
    /// Its release is not live, so that suffices.
    async fn rolled_back(&mut self, met: &mut Met) {
        let (first, second) = (self.first.clone(), self.second.clone());
        let without = json!({"image": "app:2"});
        assert_eq!(self.update(&second, &without).await.status, 200);
        let two = self.two.clone();
        assert_eq!(self.update(&first, &spec(&two)).await.status, 200);
        self.roll_back(met).await;
        assert_eq!(self.update(&first, &without).await.status, 200);
        assert_eq!(self.delete(&two).await.status, 200);
        self.roll_back(met).await;
    }

    async fn without_the_runner(&mut self, met: &mut Met) {
        let runner_id = self.runner.as_str().unwrap().parse().unwrap();
        let (app, runner, one) = (&self.server.app, self.runner.clone(), self.one.clone());
        let mut about = hello(PROTOCOL_VERSION).about;
        about.volumes = false;
        services::runner::record_info(app, runner_id, 0, &about)
            .await
            .unwrap();
        met.answer("CreateVolume", &self.create("new", &runner).await);
        self.attach(met, &one).await;
        self.roll_back(met).await;
        about.volumes = true;
        let app = &self.server.app;
        services::runner::record_info(app, runner_id, 0, &about)
            .await
            .unwrap();
    }

    async fn purged(&mut self, met: &mut Met) {
        let app = &self.server.app;
        let end = Timestamp::from_micros(i64::MAX);
        app.db
            .write(async |tx| store::volume::begin_purge(tx, end).await.map(Commit))
            .await
            .unwrap();
        let path = format!("{}/restore", self.path_of(&self.old));
        met.answer(
            "RestoreVolume",
            &self.owner.call(Method::POST, &path, None).await,
        );
        let runner_id = self.runner.as_str().unwrap().parse().unwrap();
        let two = self.two.as_str().unwrap().parse().unwrap();
        services::volume::removed(app, runner_id, two)
            .await
            .unwrap();
        self.roll_back(met).await;
    }
}
