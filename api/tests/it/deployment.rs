//! The main flow through the API alone, with a runner on a platform in memory.

use std::time::Duration;

use api::db_test;
use axum::http::Method;
use harness::{Answer, Client, Fake, TestServer, eventually, spec};
use serde_json::{Value, json};

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

fn is_live(deployment: &Value, version: &str) -> bool {
    deployment["release"]["phase"] == "live"
        && deployment["release"]["spec"]["environment"][1]["value"] == version
        && deployment["observed"]["summary"] == "running"
        && deployment["observed"]["instances"]
            .as_array()
            .is_some_and(|all| all.len() == 1)
}

async fn act(owner: &mut Client, path: &str, verb: &str) -> Answer {
    let answer = owner
        .call(Method::POST, &format!("{path}/{verb}"), None)
        .await;
    assert_eq!(answer.status, 202, "{verb}: {answer:?}");
    answer
}

/// Sets up a server with a connected runner, and the path of its deployments.
async fn ready(server: &TestServer) -> (Client, Fake, String) {
    let (mut owner, workspace_id) = server.set_up().await;
    let address = server.serve().await;
    let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
    (owner, fake, format!("/workspace/{workspace_id}/deployment"))
}

async fn create(owner: &mut Client, path: &str, fake: &Fake, spec: Value) -> String {
    let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec});
    let answer = owner.post(path, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.body["deployment"]["deployment_id"].as_str();
    format!("{path}/{}", id.unwrap())
}

db_test! {
    async fn an_app_is_deployed_updated_stopped_and_deleted(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        let live = until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        assert_eq!(live["spec"], live["release"]["spec"]);
        assert_eq!(live["observed"]["freshness"], "live");
        let steps: Vec<_> = live["release"]["timeline"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["phase"].as_str().unwrap())
            .collect();
        assert_eq!(steps, ["queued", "pulling", "starting", "verifying", "switching", "live"]);

        let log = eventually("it printed something", async || {
            let lines = owner.get(&format!("{path}/log")).await.body["lines"].clone();
            (!lines.as_array()?.is_empty()).then_some(lines)
        })
        .await;
        let last = log.as_array().unwrap().last().unwrap()["position"].clone();
        let after = owner.get(&format!("{path}/log?after={last}&limit=10")).await;
        assert_eq!(after.status, 200, "{after:?}");

        // Identical settings change nothing; different ones create a release.
        let same = json!({"spec": spec("1")});
        let answer = owner.call(Method::PATCH, &path, Some(&same)).await;
        assert_eq!(answer.body["deployment"]["release"]["number"], 1);
        let other = json!({"spec": spec("2")});
        let answer = owner.call(Method::PATCH, &path, Some(&other)).await;
        assert_eq!(answer.body["deployment"]["release"]["number"], 2);
        until(&mut owner, &path, "the second is live", |d| is_live(d, "2")).await;

        act(&mut owner, &path, "stop").await;
        until(&mut owner, &path, "it is stopped", |d| d["observed"]["summary"] == "stopped").await;
        act(&mut owner, &path, "start").await;
        until(&mut owner, &path, "it runs again", |d| is_live(d, "2")).await;
        act(&mut owner, &path, "deploy").await;
        until(&mut owner, &path, "the third is live", |d| {
            is_live(d, "2") && d["release"]["number"] == 3
        })
        .await;
        let releases = owner.get(&format!("{path}/release?limit=2")).await.body;
        assert_eq!(releases["total"], 3);
        assert_eq!(releases["items"][0]["number"], 3);
        let next = releases["next_cursor"].as_str().unwrap();
        let rest = owner.get(&format!("{path}/release?limit=2&cursor={next}")).await.body;
        assert_eq!(rest["items"][0]["number"], 1);
        assert_eq!(rest["next_cursor"], Value::Null);

        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        eventually("it is gone", async || (owner.get(&path).await.status == 404).then_some(())).await;
        assert_eq!(fake.platform.present(), 0);
    }

    async fn a_failed_release_leaves_the_one_before_running(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        let broken = json!({"spec": {"image": "missing:1"}});
        owner.call(Method::PATCH, &path, Some(&broken)).await;
        let failed = until(&mut owner, &path, "it failed", |d| d["release"]["phase"] == "failed").await;
        assert_eq!(failed["release"]["failure"]["fault"], "user");
        assert!(!failed["release"]["failure"]["message"].as_str().unwrap().is_empty());
        assert_eq!(failed["observed"]["summary"], "running");
        assert_eq!(fake.platform.present(), 1);
    }

    async fn rolling_back_runs_exactly_what_an_older_release_ran(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        let first = until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        let other = json!({"spec": spec("2")});
        owner.call(Method::PATCH, &path, Some(&other)).await;
        until(&mut owner, &path, "the second is live", |d| is_live(d, "2")).await;

        let restarted = act(&mut owner, &path, "restart").await;
        let restarted = &restarted.body["deployment"]["release"];
        assert_eq!((&restarted["reason"], &restarted["repeats"]), (&json!("restarted"), &json!(2)));
        assert_eq!(restarted["image_digest"], first["release"]["image_digest"]);
        until(&mut owner, &path, "the third is live", |d| {
            is_live(d, "2") && d["release"]["number"] == 3
        })
        .await;

        let release = first["release"]["release_id"].as_str().unwrap();
        act(&mut owner, &path, &format!("release/{release}/roll-back")).await;
        let back = until(&mut owner, &path, "the fourth is live", |d| {
            is_live(d, "1") && d["release"]["number"] == 4
        })
        .await;
        assert_eq!(back["spec"], first["spec"]);
        assert_eq!(back["release"]["repeats"], 1);
        let fourth = back["release"]["release_id"].as_str().unwrap();
        let seen = owner.get(&format!("{path}/release/{fourth}")).await.body;
        assert_eq!(seen["release"], back["release"]);
        assert_eq!(seen["previous"]["number"], 3);
        assert_eq!(fake.platform.present(), 1);
    }

    async fn a_cancelled_release_leaves_the_one_before_running(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        let slow = Duration::from_mins(10);
        for phase in ["pulling", "starting"] {
            fake.platform.break_it(|faults| {
                faults.slow_pull = if phase == "pulling" { slow } else { Duration::ZERO };
                faults.slow_start = if phase == "starting" { slow } else { Duration::ZERO };
            });
            act(&mut owner, &path, "deploy").await;
            let going = until(&mut owner, &path, phase, |d| d["release"]["phase"] == phase).await;
            let release = going["release"]["release_id"].as_str().unwrap();
            let cancelled = act(&mut owner, &path, &format!("release/{release}/cancel")).await;
            assert_eq!(cancelled.body["deployment"]["release"]["phase"], "cancelled");
            until(&mut owner, &path, "the first runs alone", |d| {
                let instances = d["observed"]["instances"].as_array().unwrap();
                instances.len() == 1 && instances[0]["state"] == "running"
            })
            .await;
        }
        assert_eq!(fake.platform.present(), 1);
    }

    async fn a_cancelled_release_of_what_was_stopped_leaves_it_stopped(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        act(&mut owner, &path, "stop").await;
        until(&mut owner, &path, "it is stopped", |d| d["observed"]["summary"] == "stopped").await;
        fake.platform.break_it(|faults| faults.slow_start = Duration::from_mins(10));
        for verb in ["deploy", "restart"] {
            act(&mut owner, &path, verb).await;
            // A second deploy supersedes the first, and also starts a stopped deployment.
            let asked = act(&mut owner, &path, "deploy").await;
            let release = asked.body["deployment"]["release"]["release_id"].as_str().unwrap();
            let answer = act(&mut owner, &path, &format!("release/{release}/cancel")).await;
            assert_eq!(answer.body["deployment"]["desired"], "stopped", "{verb}");
        }
        let nothing_runs = |d: &Value| d["observed"]["summary"] == "stopped";
        until(&mut owner, &path, "nothing runs", nothing_runs).await;
    }

    async fn the_newest_of_several_deploys_wins(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        fake.platform.break_it(|faults| faults.slow_pull = Duration::from_millis(300));
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        act(&mut owner, &path, "deploy").await;
        act(&mut owner, &path, "deploy").await;
        until(&mut owner, &path, "the third is live", |d| {
            is_live(d, "1") && d["release"]["number"] == 3
        })
        .await;
        let releases = owner.get(&format!("{path}/release")).await.body;
        let phases: Vec<_> = releases["items"].as_array().unwrap().iter().map(|r| &r["phase"]).collect();
        assert_eq!(phases, ["live", "superseded", "superseded"]);
        assert_eq!(fake.platform.present(), 1);
    }

    async fn a_runner_that_went_away_is_shown_as_old_and_catches_up(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, mut fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("1")).await;
        until(&mut owner, &path, "it is live", |d| is_live(d, "1")).await;
        fake.leave();
        let stale = until(&mut owner, &path, "it is stale", |d| d["observed"]["freshness"] == "stale").await;
        assert_eq!(stale["observed"]["summary"], "running");
        assert!(stale["observed"]["at"].is_string());
        let stopped = act(&mut owner, &path, "stop").await;
        assert_eq!(stopped.body["deployment"]["desired"], "stopped");
        assert_eq!(stopped.body["deployment"]["observed"]["summary"], "running");
        fake.connect(server.serve().await);
        until(&mut owner, &path, "it is stopped", |d| {
            d["observed"]["summary"] == "stopped" && d["observed"]["freshness"] == "live"
        })
        .await;
    }

    async fn a_deployment_without_a_release_is_deleted_at_once(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, fake, path) = ready(&server).await;
        let request = json!({
            "name": "app", "runner_id": fake.runner_id, "spec": spec("1"), "deploy": false,
        });
        let made = owner.post(&path, &request).await;
        assert_eq!(made.body["deployment"]["desired"], "stopped");
        assert_eq!(made.body["deployment"]["release"], Value::Null);
        let path = format!("{path}/{}", made.body["deployment"]["deployment_id"].as_str().unwrap());
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        assert_eq!(owner.get(&path).await.status, 404);
    }

    async fn environments_are_nowhere_readable_in_the_database(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, fake, path) = ready(&server).await;
        let path = create(&mut owner, &path, &fake, spec("canary-3f9a")).await;
        let row = owner.get(&path).await.body["deployment"]["deployment_id"].clone();
        let id = row.as_str().unwrap().parse().unwrap();
        let workspace_id = path.split('/').nth(2).unwrap().parse().unwrap();
        let stored = api::store::deployment::find(&db, workspace_id, id).await.unwrap();
        let text = format!("{stored:?}{}", String::from_utf8_lossy(&stored.sealed_fields));
        assert!(!text.contains("canary-3f9a"), "{text}");
    }
}
