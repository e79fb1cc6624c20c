//! A runner's page: its host, the contents of the host, and its removal.

use api::db_test;
use axum::http::Method;
use harness::{Fake, TestServer, eventually, spec};
use models::runner::HostPolicy;
use serde_json::json;

use crate::whole;

db_test! {
    async fn a_runners_page_shows_its_facts_and_its_workloads(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let mut fake = Fake::join(&mut owner, workspace_id, "build-box", address).await;
        let other = Fake::join(&mut owner, workspace_id, "other", address).await;
        let workspace = format!("/workspace/{workspace_id}");
        let runner = format!("{workspace}/runner/{}", fake.runner_id);

        let list = owner.page(&format!("{workspace}/runner")).await;
        assert!(list.text.contains(&format!("href=\"{runner}\"")), "{}", list.text);
        let page = owner.page(&runner).await;
        assert_eq!(page.status, 200);
        for text in [
            "build-box", "Connected from", "127.0.0.1", "Connected for", "Host name", "memory",
            "16 GiB", "anything a deployment can request", "No deployments on this runner",
            "No volumes on this runner", "/form/DeleteRunner", "no data is lost",
        ] {
            assert!(page.text.contains(text), "{text:?} is missing: {}", page.text);
        }

        for (name, runner_id) in [("here", fake.runner_id), ("there", other.runner_id)] {
            let app = json!({"name": name, "runner_id": runner_id, "spec": spec("1")});
            let made = owner.post(&format!("{workspace}/deployment"), &app).await;
            assert_eq!(made.status, 201, "{made:?}");
            let volume = json!({
                "name": format!("data-{name}"), "runner_id": runner_id, "size_bytes": 1 << 30,
            });
            let made = owner.post(&format!("{workspace}/volume"), &volume).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
        for (list, mine) in [("deployment", "here"), ("volume", "data-here")] {
            let listed = owner.get(&format!("{runner}/{list}?limit=1")).await;
            assert_eq!(listed.body["total"], 1, "{listed:?}");
            assert_eq!(listed.body["items"][0]["name"], mine);
            assert_eq!(listed.body["next_cursor"], json!(null));
        }
        let page = owner.page(&runner).await;
        assert!(page.text.contains("1 deployment and 1 volume"), "{}", page.text);
        assert!(page.text.contains("data-here") && !page.text.contains("data-there"));
        assert!(!page.text.contains("/form/DeleteRunner"), "{}", page.text);
        assert_eq!(owner.call(Method::DELETE, &runner, None).await.code(), "runner_in_use");

        fake.leave();
        fake.policy = HostPolicy { max_instances: Some(5), ..HostPolicy::default() };
        eventually("it is away", async || {
            let page = owner.page(&runner).await;
            page.text.contains("Last connected from").then_some(())
        })
        .await;
        fake.connect(address);
        eventually("its policy is shown", async || {
            let page = owner.page(&runner).await;
            page.text.contains("at most 5 instances per deployment").then_some(())
        })
        .await;
    }

    async fn the_lists_of_a_runner_come_in_pages_and_only_to_its_own_workspace(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let made = owner.post(&format!("{workspace}/runner"), &json!({"name": "first"})).await;
        let id = made.body["runner"]["runner_id"].as_str().unwrap().to_owned();
        for name in ["a", "b", "c"] {
            let app = json!({
                "name": name, "runner_id": id, "spec": {"image": "app:1"}, "deploy": false,
            });
            assert_eq!(owner.post(&format!("{workspace}/deployment"), &app).await.status, 201);
            let volume = json!({"name": name, "runner_id": id, "size_bytes": 1 << 20});
            assert_eq!(owner.post(&format!("{workspace}/volume"), &volume).await.status, 201);
        }
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap().to_owned();
        for list in ["deployment", "volume"] {
            let mut names = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = owner.get(&format!("{workspace}/runner/{id}/{list}?limit=2{cursor}")).await;
                let items = page.body["items"].as_array().unwrap().clone();
                names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
                match page.body["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert_eq!(names, ["a", "b", "c"], "{list}");
            let theirs = format!("/workspace/{own}/runner/{id}/{list}");
            assert_eq!(eve.get(&theirs).await.status, 404);
        }
    }
}
