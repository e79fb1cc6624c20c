//! Paged lists, each of one state of the database, with plain links.

use api::{db_test, services};
use harness::TestServer;
use models::{
    api::workspace::secret::CreateSecretRequest,
    page::PageQuery,
    value::{SecretName, SecretValue},
};
use serde_json::{Value, json};

use crate::whole;

/// The target of a page's link with this label.
fn link<'a>(page: &'a str, label: &str) -> Option<&'a str> {
    let (before, _) = page.split_once(&format!(">{label}<"))?;
    let (_, link) = before.rsplit_once("href=\"")?;
    link.split_once('"').map(|(href, _)| href)
}

/// The request that creates the nth resource of a kind, and its name.
fn thing(kind: &str, number: u32, runner_id: &Value) -> (Value, String) {
    match kind {
        "secret" => {
            let name = format!("KEY_{number:03}");
            (json!({"name": name, "secret_value": "hush"}), name)
        }
        "registry" => {
            let host = format!("r{number:03}.example.org");
            (
                json!({"host": host, "user_name": "ada", "password": "hush"}),
                host,
            )
        }
        "volume" => {
            let name = format!("data-{number:03}");
            (
                json!({"name": name, "runner_id": runner_id, "size_bytes": 1 << 20}),
                name,
            )
        }
        _ => {
            let name = format!("app-{number:03}");
            let spec = json!({"image": "app:1"});
            (
                json!({"name": name, "runner_id": runner_id, "spec": spec, "deploy": false}),
                name,
            )
        }
    }
}

db_test! {
    async fn every_thing_of_a_long_list_can_be_reached_with_links(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let workspace = format!("/workspace/{workspace_id}");
        let runner = owner.post(&format!("{workspace}/runner"), &json!({"name": "first"})).await;
        let runner_id = &runner.body["runner"]["runner_id"];
        for kind in ["secret", "registry", "volume", "deployment"] {
            let list = format!("{workspace}/{kind}");
            let mut names = Vec::new();
            for number in 0..101 {
                let (request, name) = thing(kind, number, runner_id);
                let made = owner.post(&list, &request).await;
                assert_eq!(made.status, 201, "{made:?}");
                names.push(name);
            }
            let mut address = list.clone();
            let mut way = Vec::new();
            for part in names.chunks(50) {
                let page = owner.page(&address).await.text.replace("&amp;", "&");
                let shown = names.iter().filter(|name| page.contains(&format!(">{name}<")));
                assert_eq!(shown.collect::<Vec<_>>(), part.iter().collect::<Vec<_>>(), "{address}");
                let place = format!("Page {} of 3, 101 total", way.len() + 1);
                assert!(page.contains(&place), "{place} is missing in {page}");
                assert_eq!(link(&page, "Previous page"), way.last().map(String::as_str));
                let next = link(&page, "Next page").unwrap_or_default().to_owned();
                way.push(std::mem::replace(&mut address, next));
            }
            assert_eq!(address, "", "there is a page behind the last one");
        }
    }

    async fn a_list_and_its_total_are_of_one_moment(db: Db) {
        let server = TestServer::new(whole(db));
        let (_, workspace_id) = server.set_up().await;
        let app = &server.app;
        let come_and_go = async {
            for _ in 0..50 {
                let request = CreateSecretRequest {
                    environment: None,
                    name: SecretName::new("KEY").unwrap(),
                    secret_value: SecretValue::new("hush"),
                };
                let made = services::secret::create(app, workspace_id, request).await.unwrap();
                services::secret::delete(app, workspace_id, made.secret_id).await.unwrap();
            }
        };
        let read = async {
            let query = PageQuery::default();
            loop {
                let page = services::secret::list(app, workspace_id, &query.clone().into()).await.unwrap();
                let count = i64::try_from(page.items.len()).unwrap();
                assert_eq!(count, page.total, "the list and its total are of two moments");
            }
        };
        tokio::select! {
            () = come_and_go => {}
            () = read => {}
        }
    }
}
