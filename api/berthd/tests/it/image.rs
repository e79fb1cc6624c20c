//! Properties of images, from the runner's report to the page.

use api::db_test;
use axum::http::{Method, header};
use harness::{Answer, Client, TestServer, unconnected};
use serde_json::{Value, json};

use crate::whole;

/// A deployment with a rollout in progress.
struct Place {
    owner: Client,
    workspace: String,
    deployment: Answer,
    runner: String,
}

impl Place {
    async fn of(server: &TestServer) -> Self {
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let runner = json!({"name": "one"});
        let runner = owner.post(&format!("{workspace}/runner"), &runner).await;
        let runner = runner.body["runner"]["runner_id"]
            .as_str()
            .unwrap()
            .to_owned();
        let request = json!({"name": "app", "runner_id": runner, "spec": {"image": "app:1"}});
        let deployment = owner
            .post(&format!("{workspace}/deployment"), &request)
            .await;
        assert_eq!(deployment.status, 201, "{deployment:?}");
        Self {
            owner,
            workspace,
            deployment,
            runner,
        }
    }

    fn path(&self) -> String {
        let id = self.deployment.body["deployment"]["deployment_id"].as_str();
        format!("{}/deployment/{}", self.workspace, id.unwrap())
    }

    /// Reports the release's phase and its image, as the runner would.
    async fn hears(&self, server: &TestServer, phase: &str, image: Option<Value>) {
        let deployment = &self.deployment.body["deployment"];
        let mut report = json!({
            "deployment_id": deployment["deployment_id"],
            "release_id": deployment["release"]["release_id"],
            "phase": phase,
        });
        if let Some(image) = image {
            report["image"] = image;
        }
        let runner_id = self.runner.parse().unwrap();
        server.hears(unconnected(runner_id), report).await;
    }

    async fn image(&mut self) -> Value {
        let path = self.path();
        self.owner.get(&path).await.body["deployment"]["image"].clone()
    }
}

fn image() -> Value {
    json!({
        "entrypoint": ["/entry.sh"],
        "user": "app",
        "stop_signal": "SIGQUIT",
        "volumes": ["/data"],
        "platform": {"os": "linux", "architecture": "amd64"},
    })
}

db_test! {
    async fn the_facts_of_an_image_come_with_its_release_and_stay(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        assert_eq!(place.image().await, Value::Null);
        place.hears(&server, "pulling", None).await;
        assert_eq!(place.image().await, Value::Null);
        place.hears(&server, "starting", Some(image())).await;
        assert_eq!(place.image().await, image());
        // In the same phase, and in a later one whose report omits the image.
        place.hears(&server, "starting", None).await;
        place.hears(&server, "live", None).await;
        assert_eq!(place.image().await, image());
        // The next release has no image facts of its own yet.
        let deploy = format!("{}/deploy", place.path());
        let answer = place.owner.call(Method::POST, &deploy, None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(place.image().await, image());
    }

    async fn a_hostile_image_takes_no_more_room_than_it_may(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let hostile = json!({
            "command": vec!["x".repeat(10_000); 1_000],
            "user": "a\u{1b}[2J\0b",
            "platform": {},
        });
        place.hears(&server, "starting", Some(hostile)).await;
        let kept = place.image().await;
        assert_eq!(kept["user"], "a[2Jb…");
        assert!(kept.to_string().len() < 200_000, "{}", kept.to_string().len());
    }

    async fn a_folder_that_is_not_kept_is_named_and_gets_a_volume_by_one_button(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        place.hears(&server, "live", Some(image())).await;
        let page = place.path();
        let shown = place.owner.page(&page).await.text;
        assert!(shown.contains("From the image"), "{shown}");
        assert!(shown.contains("SIGQUIT"), "{shown}");
        assert!(shown.contains("Data is kept only until the next release"), "{shown}");
        assert!(shown.contains("Create volume for /data"), "{shown}");

        // The address that the form on the page uses.
        let success = format!("{page}/settings?folder=/data&volume={{volume.volume_id}}");
        assert!(shown.contains(&success.replace('&', "&amp;")), "{shown}");
        let workspace_id = place.workspace.rsplit('/').next().unwrap().to_owned();
        let runner = place.runner.clone();
        let fields = [
            ("_page", page.as_str()),
            ("_success", success.as_str()),
            ("_path.workspace_id", workspace_id.as_str()),
            ("name", "app-data"),
            ("runner_id", runner.as_str()),
            ("size_bytes", "10 GiB"),
        ];
        let answer = place.owner.submit("CreateVolume", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let settings = answer.headers[header::LOCATION].to_str().unwrap().to_owned();
        let volume = settings.rsplit('=').next().unwrap().to_owned();
        let form = place.owner.page(&settings).await.text;
        let is_chosen = |text: &str| {
            let option = text.split("<option").skip(1).find(|option| option.contains(&volume));
            option.is_some_and(|option| option.contains("selected"))
        };
        assert!(is_chosen(&form), "the volume is not chosen: {form}");
        assert!(form.contains("value=\"/data\""), "the folder is not filled in: {form}");

        let spec = json!({"spec": {"image": "app:1", "volumes": [{"volume_id": volume, "path": "/data"}]}});
        let saved = place.owner.call(Method::PATCH, &page, Some(&spec)).await;
        assert_eq!(saved.status, 200, "{saved:?}");
        let shown = place.owner.page(&page).await.text;
        assert!(!shown.contains("Data is kept only until"), "{shown}");
    }
}
