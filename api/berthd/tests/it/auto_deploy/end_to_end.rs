//! Auto-deploy end to end, with a runner on a platform with a registry in memory.

use api::db_test;
use harness::{Client, Fake, TestServer, eventually, images::digest, spec};
use models::{deployment::FailureCode, runner::RegistryCredential, value::SecretText};
use runner_common::{RunnerError, conformance::fake::IMAGE};
use serde_json::{Value, json};

use crate::whole;

async fn until(
    owner: &mut Client,
    path: &str,
    what: &str,
    holds: impl Fn(&Value) -> bool,
) -> Value {
    eventually(what, async || {
        let deployment = owner.get(path).await.body["deployment"].clone();
        holds(&deployment).then_some(deployment)
    })
    .await
}

fn runs(deployment: &Value, number: i64) -> bool {
    deployment["release"]["number"] == number
        && deployment["release"]["phase"] == "live"
        && deployment["observed"]["summary"] == "running"
}

db_test! {
    async fn a_pushed_image_goes_live_without_a_person(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let mut fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let registry = json!({"host": "docker.io", "user_name": "ada", "password": "only pulls"});
        owner.post(&format!("/workspace/{workspace_id}/registry"), &registry).await;
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({
            "name": "app", "runner_id": fake.runner_id, "spec": spec("1"), "auto_deploy": true,
        });
        let answer = owner.post(&deployments, &request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{deployments}/{id}");
        until(&mut owner, &path, "the first is live and the tag was checked", |d| {
            runs(d, 1) && d["tag"]["digest"].is_string()
        })
        .await;

        fake.platform.push(&digest(2).parse().unwrap());
        let pushed = until(&mut owner, &path, "what was pushed is live", |d| runs(d, 2)).await;
        assert_eq!(pushed["release"]["reason"], "tag_moved");
        assert_eq!(pushed["release"]["image_digest"], digest(2));
        let shown = fake.platform.lookups();
        let is_ada = |shown: &Option<RegistryCredential>| {
            shown.as_ref().is_some_and(|shown| shown.password == SecretText::new("only pulls"))
        };
        assert!(shown.iter().all(is_ada), "{shown:?}");

        let page = owner.page(&format!("/workspace/{workspace_id}/deployment/{id}")).await;
        let cause = format!("moved to <code>{}", digest(2));
        assert!(page.text.contains(&cause), "{}", page.text);
        assert!(page.text.contains("nothing new"), "{}", page.text);

        // The page shows why the tag cannot be resolved, until it can.
        let error = RunnerError::user(FailureCode::ImageAccessDenied, "Nobody gives it to ada.");
        fake.platform.break_it(|faults| faults.lookups.extend([error.clone(), error]));
        until(&mut owner, &path, "why not is shown", |d| {
            d["tag"]["failure"]["message"] == "Nobody gives it to ada."
        })
        .await;
        until(&mut owner, &path, "it is checked again", |d| d["tag"]["failure"].is_null()).await;

        // While the runner is away nothing happens; it checks the tag when it is back.
        fake.leave();
        until(&mut owner, &path, "it is away", |d| d["observed"]["freshness"] == "stale").await;
        fake.platform.push(&digest(3).parse().unwrap());
        fake.connect(address);
        let known = |d: &Value| d["tag"]["digest"] == digest(3);
        until(&mut owner, &path, "it has checked", known).await;
    }

    async fn a_runner_that_cannot_ask_registries_is_refused(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let mut fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        fake.leave();
        fake.platform.break_it(|faults| faults.knows_no_registry = true);
        fake.connect(address);
        let runner = format!("/workspace/{workspace_id}/runner/{}", fake.runner_id);
        eventually("it says so", async || {
            let runner = owner.get(&runner).await.body["runner"].clone();
            (runner["about"]["tags"] == false).then_some(())
        })
        .await;
        let request = json!({
            "name": "app", "runner_id": fake.runner_id, "spec": {"image": IMAGE},
            "auto_deploy": true,
        });
        let path = format!("/workspace/{workspace_id}/deployment");
        let answer = owner.post(&path, &request).await;
        assert_eq!((answer.status, answer.code()), (422, "validation_failed"), "{answer:?}");
        assert_eq!(answer.body["fields"][0]["field"], "auto_deploy");
    }

    async fn the_form_explains_auto_deploy_and_keeps_the_choice(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner = runner["runner"]["runner_id"].as_str().unwrap().to_owned();
        let new = format!("/workspace/{workspace_id}/deployment/new");
        let page = owner.page(&new).await;
        assert!(page.text.contains("Auto-deploy"), "{}", page.text);
        assert!(page.text.contains("about every 5 minutes"), "{}", page.text);
        let id = workspace_id.to_string();
        let pinned = format!("app@{}", digest(1));
        let mut fields = [
            ("_page", new.as_str()),
            ("_success", "/workspace/{deployment.workspace_id}/deployment/{deployment.deployment_id}"),
            ("_path.workspace_id", id.as_str()),
            ("name", "app"),
            ("runner_id", runner.as_str()),
            ("auto_deploy", "true"),
            ("spec[image]", pinned.as_str()),
        ];
        let answer = owner.submit("CreateDeployment", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("which never changes"), "{}", answer.text);
        fields[6].1 = "app:1";
        let answer = owner.submit("CreateDeployment", &fields).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        let page = answer.headers["location"].to_str().unwrap().to_owned();
        let overview = owner.page(&page).await;
        assert!(overview.text.contains("The runner has not checked the tag yet."), "{}", overview.text);
        let settings = owner.page(&format!("{page}/settings")).await;
        let chosen = settings.text.contains("value=\"true\" selected");
        assert!(chosen, "{}", settings.text);
    }
}
