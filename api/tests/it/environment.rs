//! Projects and environments: the names and resources they keep apart.

use api::{db_test, services};
use axum::http::Method;
use harness::{Client, TestServer};
use models::{WorkspaceId, rbac::Role};
use serde_json::{Value, json};

struct Place {
    owner: Client,
    workspace: String,
    runner_id: Value,
}

impl Place {
    /// Sets a server up, with a runner and a second environment, `staging`.
    async fn new(server: &TestServer) -> (Self, WorkspaceId) {
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let runner = json!({"name": "first"});
        let runner = owner.post(&format!("{workspace}/runner"), &runner).await;
        let staging = json!({"name": "staging"});
        let made = owner
            .post(&format!("{workspace}/environment"), &staging)
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let runner_id = runner.body["runner"]["runner_id"].clone();
        let place = Self {
            owner,
            workspace,
            runner_id,
        };
        (place, workspace_id)
    }

    fn path(&self, rest: &str) -> String {
        format!("{}/{rest}", self.workspace)
    }

    async fn create(&mut self, kind: &str, name: &str, environment: Option<&str>) -> Value {
        let mut request = match kind {
            "deployment" => json!({"runner_id": self.runner_id, "spec": {"image": "app:1"}}),
            "secret" => json!({"secret_value": "hush"}),
            _ => json!({"runner_id": self.runner_id, "size_bytes": 1 << 20}),
        };
        request["name"] = name.into();
        if let Some(environment) = environment {
            request["environment"] = environment.into();
        }
        let made = self.owner.post(&self.path(kind), &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.body[kind].clone()
    }

    async fn names(&mut self, path: &str) -> Vec<String> {
        let page = self.owner.get(&self.path(path)).await;
        assert_eq!(page.status, 200, "{page:?}");
        let items = page.body["items"].as_array().unwrap().clone();
        assert_eq!(page.body["total"], items.len(), "{path}");
        let name = |item: &Value| {
            let place = &item["environment"];
            let [project, environment] = [&place["project_name"], &place["name"]];
            [project, environment, &item["name"]]
                .map(|name| name.as_str().unwrap())
                .join(":")
        };
        items.iter().map(name).collect()
    }
}

db_test! {
    async fn a_workspace_begins_with_one_project_and_one_environment(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = owner.get(&format!("/workspace/{workspace_id}")).await;
        assert_eq!(workspace.body["workspace"]["environments"], 1);
        let projects = owner.get(&format!("/workspace/{workspace_id}/project")).await;
        let [project] = projects.body["items"].as_array().unwrap().as_slice() else {
            panic!("{projects:?}")
        };
        assert_eq!((&project["name"], &project["is_default"]), (&json!("main"), &json!(true)));
        assert_eq!(project["environments"][0]["name"], "production");
    }

    async fn one_name_in_two_environments_is_each_ones_own(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        for (kind, name) in [("deployment", "web"), ("secret", "KEY"), ("volume", "data")] {
            let first = place.create(kind, name, None).await;
            let second = place.create(kind, name, Some("staging")).await;
            let id = format!("{kind}_id");
            assert_eq!(first["environment"]["name"], "production");
            assert_eq!(second["environment"]["name"], "staging");
            for (written, made) in [
                (name.to_owned(), &first),
                (format!("production:{name}"), &first),
                (format!("main:production:{name}"), &first),
                (format!("staging:{name}"), &second),
                (format!("main:staging:{name}"), &second),
            ] {
                let found = place.owner.get(&place.path(&format!("{kind}/{written}"))).await;
                assert_eq!(found.body[kind][&id], made[&id], "{written}");
            }
            for missing in ["nowhere:", "shop:staging:", "staging:main:"] {
                let path = place.path(&format!("{kind}/{missing}{name}"));
                assert_eq!(place.owner.get(&path).await.code(), "not_found", "{missing}");
            }
            let everywhere = [format!("main:production:{name}"), format!("main:staging:{name}")];
            let mut listed = place.names(kind).await;
            listed.sort();
            assert_eq!(listed, everywhere);
            let staging = format!("{kind}?environment=staging");
            assert_eq!(place.names(&staging).await, everywhere[1..]);
        }
        let staging = place.owner.get(&place.path("environment/staging")).await;
        let staging = &staging.body["environment"];
        let counts = ["deployments", "secrets", "volumes"].map(|kind| &staging[kind]);
        assert_eq!(counts, [&json!(1); 3]);
    }

    async fn a_name_taken_in_the_same_environment_is_refused(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        place.create("secret", "KEY", Some("staging")).await;
        let again = json!({"name": "KEY", "secret_value": "hush", "environment": "main:staging"});
        let answer = place.owner.post(&place.path("secret"), &again).await;
        assert_eq!((answer.status, answer.code()), (409, "secret_name_taken"));
    }

    async fn a_list_is_limited_to_a_project_or_an_environment(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        let shop = json!({"name": "shop", "environment": "staging"});
        let shop = place.owner.post(&place.path("project"), &shop).await;
        let shop_id = shop.body["project"]["project_id"].as_str().unwrap().to_owned();
        place.create("deployment", "web", None).await;
        place.create("deployment", "web", Some("staging")).await;
        place.create("deployment", "web", Some("shop:staging")).await;
        for (query, expected) in [
            ("project=shop", vec!["shop:staging:web"]),
            ("environment=staging", vec!["main:staging:web"]),
            ("environment=shop:staging", vec!["shop:staging:web"]),
            ("project=shop&environment=staging", vec!["shop:staging:web"]),
            (&format!("project={shop_id}&environment=staging"), vec!["shop:staging:web"]),
            ("project=shop&environment=main:staging", vec![]),
        ] {
            assert_eq!(place.names(&format!("deployment?{query}")).await, expected, "{query}");
        }
    }

    async fn pages_of_a_list_skip_and_repeat_nothing_among_equal_names(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        for name in ["a", "b"] {
            for environment in ["production", "staging"] {
                place.create("deployment", name, Some(environment)).await;
            }
        }
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = place.owner.get(&place.path(&format!("deployment?limit=1{next}"))).await;
            assert_eq!(page.body["total"], 4);
            let id = page.body["items"][0]["deployment_id"].as_str().unwrap();
            seen.push(id.to_owned());
            match page.body["next_cursor"].as_str() {
                Some(cursor) => next = format!("&cursor={}", cursor.replace('/', "%2F")),
                None => break,
            }
        }
        assert_eq!(seen.len(), 4);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }

    async fn secrets_and_volumes_of_another_environment_cannot_be_used(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        let secret = place.create("secret", "KEY", Some("staging")).await;
        let volume = place.create("volume", "data", Some("staging")).await;
        let variable = json!([{"name": "KEY", "secret_id": secret["secret_id"]}]);
        let mount = json!([{"volume_id": volume["volume_id"], "path": "/data"}]);
        for (spec, code) in [
            (json!({"image": "app:1", "environment": variable}), "secret_not_found"),
            (json!({"image": "app:1", "volumes": mount}), "volume_not_found"),
        ] {
            let mut request = json!({"name": "web", "runner_id": place.runner_id, "spec": spec});
            let path = place.path("deployment");
            let refused = place.owner.post(&path, &request).await;
            assert_eq!((refused.status, refused.code()), (422, code));
            request["environment"] = "staging".into();
            let name = if code == "secret_not_found" { "web" } else { "db" };
            request["name"] = name.into();
            let made = place.owner.post(&path, &request).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
    }

    async fn a_runner_is_told_the_environment_of_each_workload(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        let mut expected = Vec::new();
        for environment in ["production", "staging"] {
            let web = place.create("deployment", "web", Some(environment)).await;
            expected.push((web["deployment_id"].clone(), web["environment"]["environment_id"].clone()));
        }
        let runner_id = serde_json::from_value(place.runner_id.clone()).unwrap();
        let workloads = services::workload::of_runner(&server.app, runner_id).await.unwrap();
        let told = workloads.into_iter().map(|workload| {
            let network = workload.network.unwrap();
            assert_eq!(network.host_name.as_str(), "web");
            (json!(workload.deployment_id), json!(network.environment_id))
        });
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    async fn a_renamed_environment_keeps_its_resources(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        let web = place.create("deployment", "web", Some("staging")).await;
        let path = place.path("environment/staging");
        let renamed = place.owner.call(Method::PATCH, &path, Some(&json!({"name": "next"}))).await;
        assert_eq!(renamed.body["environment"]["name"], "next");
        let path = place.path("project/main");
        let renamed = place.owner.call(Method::PATCH, &path, Some(&json!({"name": "shop"}))).await;
        assert_eq!(renamed.body["project"]["name"], "shop");
        let found = place.owner.get(&place.path("deployment/shop:next:web")).await;
        assert_eq!(found.body["deployment"]["deployment_id"], web["deployment_id"]);
        // The default project keeps being the one without a name.
        let found = place.owner.get(&place.path("deployment/next:web")).await;
        assert_eq!(found.body["deployment"]["deployment_id"], web["deployment_id"]);
    }

    async fn places_of_another_workspace_cannot_be_named(db: Db) {
        let server = TestServer::new(db);
        let (mut place, _) = Place::new(&server).await;
        let theirs = place.owner.get(&place.path("environment/staging")).await;
        let environment = theirs.body["environment"]["environment_id"].clone();
        let project = theirs.body["environment"]["project_id"].clone();
        let mut eve = server.person("eve", None).await;
        eve.post("/workspace", &json!({"name": "eves"})).await;
        let secret = json!({"name": "K", "secret_value": "hush", "environment": environment});
        let answer = eve.post("/workspace/eves/secret", &secret).await;
        assert_eq!((answer.status, answer.code()), (422, "environment_not_found"));
        let request = json!({"name": "staging", "project": project});
        let answer = eve.post("/workspace/eves/environment", &request).await;
        assert_eq!((answer.status, answer.code()), (422, "project_not_found"));
        let id = environment.as_str().unwrap();
        let listed = eve.get(&format!("/workspace/eves/secret?environment={id}")).await;
        assert_eq!((listed.status, listed.code()), (422, "environment_not_found"));
    }

    async fn the_last_project_cannot_be_deleted_by_two_at_once(db: Db) {
        let server = TestServer::new(db);
        let (mut place, workspace_id) = Place::new(&server).await;
        place.owner.post(&place.path("project"), &json!({"name": "shop"})).await;
        let mut other = server.person("bob", Some((workspace_id, Role::Owner))).await;
        let (main, shop) = (place.path("project/main"), place.path("project/shop"));
        let (first, second) = tokio::join!(
            place.owner.call(Method::DELETE, &main, None),
            other.call(Method::DELETE, &shop, None),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
    }
}
