//! Runs: tasks of a deployment that end.

use std::time::Duration;

use api::{
    clock::Clock,
    db::{Commit, Db},
    db_test, services, store,
};
use axum::http::Method;
use harness::{Client, Fake, TestServer, Unlinked, eventually, spec, unconnected};
use models::{
    RunnerId, WorkspaceId,
    deployment::FailureCode,
    rbac::Role,
    run::{MAX_ACTIVE_RUNS, RunPhase},
    runner::RunReport,
};
use runner_common::conformance::{App, fake::IMAGE};
use serde_json::{Value, json};

/// A deployment of the app on a connected fake runner; returns its path.
async fn deployed(owner: &mut Client, workspace_id: WorkspaceId, fake: &Fake) -> String {
    let path = format!("/workspace/{workspace_id}/deployment");
    let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec("1")});
    let made = owner.post(&path, &request).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
    let path = format!("{path}/{id}");
    eventually("it is live", async || {
        let seen = owner.get(&path).await;
        (seen.body["deployment"]["release"]["phase"] == "live").then_some(())
    })
    .await;
    path
}

/// Waits until a run has this phase.
async fn reaches(owner: &mut Client, path: &str, phase: &str) -> Value {
    eventually(&format!("the run is {phase}"), async || {
        let run = owner.get(path).await.body["run"].clone();
        (run["phase"] == phase).then_some(run)
    })
    .await
}

async fn create(owner: &mut Client, deployment: &str, request: &Value) -> String {
    let made = owner.post(&format!("{deployment}/run"), request).await;
    assert_eq!(made.status, 202, "{made:?}");
    let id = made.body["run"]["run_id"].as_str().unwrap();
    format!("{deployment}/run/{id}")
}

/// Deployment that never connects its runner, at a clock that the test moves.
struct Quiet {
    server: TestServer,
    owner: Client,
    clock: Clock,
    runner_id: RunnerId,
    workspace_id: WorkspaceId,
    path: String,
}

impl Quiet {
    async fn new(db: Db) -> Self {
        let spec = json!({"image": "app:1", "ports": [{"number": 80}], "environment": [
            {"name": "PLAIN", "value": "canary"},
        ]});
        let made = Unlinked::new(db, json!({"spec": spec})).await;
        Self {
            path: made.path,
            server: made.server,
            owner: made.owner,
            clock: made.clock,
            runner_id: made.runner_id,
            workspace_id: made.workspace_id,
        }
    }

    async fn reports(&mut self, run: &str, phase: RunPhase) {
        let known = self.owner.get(run).await.body["run"].clone();
        let report = RunReport {
            deployment_id: serde_json::from_value(known["deployment_id"].clone()).unwrap(),
            run_id: serde_json::from_value(known["run_id"].clone()).unwrap(),
            phase,
            attempts: Vec::new(),
            progress: None,
            failure: None,
            image_digest: None,
        };
        let reporter = unconnected(self.runner_id);
        services::run::report(&self.server.app, reporter, report)
            .await
            .unwrap();
    }

    /// Begins a link of the runner, which holds until its lease ends.
    async fn links(&self) {
        let (runner_id, now) = (self.runner_id, self.clock.now());
        let until = now.plus_millis(store::runner::LEASE_MS);
        let db = &self.server.app.db;
        let acquiring = db.write(async |tx| {
            let server_id = self.server.app.server_id;
            store::runner::acquire_lease(tx, runner_id, server_id, until, now, "")
                .await
                .map(Commit)
        });
        assert!(acquiring.await.unwrap().is_some());
    }

    /// Extends that link's lease.
    async fn renews(&self) {
        let until = self.clock.now().plus_millis(store::runner::LEASE_MS);
        let server_id = self.server.app.server_id;
        let db = &self.server.app.db;
        let renewing = db.write(async |tx| {
            store::runner::renew_leases(tx, server_id, until)
                .await
                .map(Commit)
        });
        assert_eq!(renewing.await.unwrap().len(), 1);
    }

    async fn passes(&mut self, time: Duration, run: &str) -> Value {
        self.clock.advance(time);
        services::run::expire_overdue(&self.server.app)
            .await
            .unwrap();
        self.owner.get(run).await.body["run"].clone()
    }
}

db_test! {
    async fn a_run_succeeds_and_its_lines_are_in_the_log(db: Db) {
        let server = TestServer::new(db);
        let address = server.serve().await;
        let (mut owner, workspace_id) = server.set_up().await;
        let fake = Fake::join(&mut owner, workspace_id, "first", address).await;
        // The deployment's own app ends; as a task, that is a success.
        let path = format!("/workspace/{workspace_id}/deployment");
        let done = json!({"image": IMAGE, "restart": "never", "environment": [
            {"name": App::VARIABLE, "value": App::Done.name()},
        ]});
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": done});
        let made = owner.post(&path, &request).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        let run = create(&mut owner, &path, &json!({})).await;
        let run = reaches(&mut owner, &run, "succeeded").await;
        assert_eq!(run["attempts"][0]["exit_code"], 0, "{run}");
        assert!(run.get("deadline_at").is_none() && run.get("ended_at").is_some());
        let instance = run["attempts"][0]["instance_id"].as_str().unwrap();
        let log = format!("{path}/log?instance_id={instance}");
        eventually("its line", async || {
            (owner.get(&log).await.body["lines"][0]["text"] == "done").then_some(())
        })
        .await;
    }

    async fn a_run_that_is_canceled_leaves_nothing_and_the_app_as_it_is(db: Db) {
        let server = TestServer::new(db);
        let address = server.serve().await;
        let (mut owner, workspace_id) = server.set_up().await;
        let fake = Fake::join(&mut owner, workspace_id, "first", address).await;
        let path = deployed(&mut owner, workspace_id, &fake).await;
        let before = owner.get(&path).await.body["deployment"]["observed"]["instances"].clone();
        let run = create(&mut owner, &path, &json!({"retries": 3})).await;
        reaches(&mut owner, &run, "running").await;
        assert_eq!(fake.platform.present(), 2);

        let answer = owner.call(Method::POST, &format!("{run}/cancel"), None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(answer.body["run"]["phase"], "cancelled");
        eventually("its instance is gone", async || {
            (fake.platform.present() == 1).then_some(())
        })
        .await;
        let after = owner.get(&path).await.body["deployment"]["observed"]["instances"].clone();
        assert_eq!(after, before, "the deployment is as it was");
        let again = owner.call(Method::POST, &format!("{run}/cancel"), None).await;
        assert_eq!((again.status, again.code()), (409, "run_ended"));
    }

    async fn a_run_of_a_deleted_deployment_goes_with_it(db: Db) {
        let server = TestServer::new(db);
        let address = server.serve().await;
        let (mut owner, workspace_id) = server.set_up().await;
        let fake = Fake::join(&mut owner, workspace_id, "first", address).await;
        let path = deployed(&mut owner, workspace_id, &fake).await;
        let run = create(&mut owner, &path, &json!({})).await;
        reaches(&mut owner, &run, "running").await;
        let answer = owner.call(Method::DELETE, &path, None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        eventually("everything is gone", async || {
            (fake.platform.present() == 0 && owner.get(&path).await.status == 404).then_some(())
        })
        .await;
    }

    async fn a_task_has_the_release_s_settings_without_ports_and_hides_them_alike(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let request = json!({"arguments": "bin/migrate\nup", "timeout_ms": 5_000, "retries": 2});
        let run = create(&mut quiet.owner, &quiet.path, &request).await;
        let seen = quiet.owner.get(&run).await.body["run"].clone();
        assert_eq!(seen["phase"], "queued");
        assert_eq!(seen["terms"], json!({"timeout_ms": 5_000, "retries": 2}));
        let spec = &seen["spec"];
        assert_eq!(spec["arguments"], json!(["bin/migrate", "up"]));
        assert_eq!(spec["environment"][0]["value"], "canary");
        assert!(spec.get("ports").is_none(), "{spec}");
        let role = Some((quiet.workspace_id, Role::Viewer));
        let mut viewer = quiet.server.person("vic", role).await;
        let seen = viewer.get(&run).await;
        assert_eq!(seen.status, 200);
        assert!(!seen.body.to_string().contains("canary"), "{seen:?}");
        let list = viewer.get(&format!("{}/run", quiet.path)).await;
        assert_eq!(list.body["total"], 1);
        assert!(!list.body.to_string().contains("canary"), "{list:?}");
    }

    async fn a_runner_that_does_not_begin_a_run_in_time_fails_it(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let run = create(&mut quiet.owner, &quiet.path, &json!({})).await;
        let seen = quiet.passes(Duration::from_mins(9), &run).await;
        assert_eq!(seen["phase"], "queued");
        let seen = quiet.passes(Duration::from_mins(4), &run).await;
        assert_eq!(seen["phase"], "failed");
        assert_eq!(seen["failure"]["code"], FailureCode::RunnerAway.as_str());
    }

    async fn a_queued_run_is_kept_while_its_runner_returns_to_a_restarted_server(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let run = create(&mut quiet.owner, &quiet.path, &json!({})).await;
        // The runner began it, and found no server to say so.
        let seen = quiet.passes(Duration::from_mins(11), &run).await;
        assert_eq!(seen["phase"], "queued");
        quiet.reports(&run, RunPhase::Running).await;
        let seen = quiet.passes(Duration::from_mins(1), &run).await;
        assert_eq!(seen["phase"], "running");
    }

    async fn a_run_that_began_is_waited_for_while_its_runner_is_away_but_not_for_ever(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let request = json!({"timeout_ms": 60_000});
        let run = create(&mut quiet.owner, &quiet.path, &request).await;
        quiet.reports(&run, RunPhase::Running).await;
        let seen = quiet.passes(Duration::from_hours(2), &run).await;
        assert_eq!(seen["phase"], "running");
        let seen = quiet.passes(Duration::from_hours(30), &run).await;
        assert_eq!(seen["phase"], "failed");
        assert_eq!(seen["failure"]["code"], FailureCode::RunnerSilent.as_str());
        quiet.reports(&run, RunPhase::Succeeded).await;
        let seen = quiet.owner.get(&run).await.body["run"]["phase"].clone();
        assert_eq!(seen, "failed", "the first end stays");
    }

    async fn a_runner_that_just_came_back_has_time_to_report_on_its_runs(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let request = json!({"timeout_ms": 60_000});
        let [began, queued] = [
            create(&mut quiet.owner, &quiet.path, &request).await,
            create(&mut quiet.owner, &quiet.path, &request).await,
        ];
        quiet.reports(&began, RunPhase::Running).await;
        quiet.clock.advance(Duration::from_hours(2));
        quiet.links().await;
        for run in [&began, &queued] {
            let seen = quiet.passes(Duration::from_secs(10), run).await;
            assert!(["running", "queued"].contains(&seen["phase"].as_str().unwrap()), "{seen}");
        }
        for _ in 0..2 {
            quiet.renews().await;
            quiet.clock.advance(Duration::from_secs(20));
        }
        quiet.renews().await;
        for (run, code) in [(began, FailureCode::RunnerSilent), (queued, FailureCode::RunnerAway)] {
            let seen = quiet.passes(Duration::from_secs(10), &run).await;
            assert_eq!(seen["failure"]["code"], code.as_str(), "{seen}");
        }
    }

    async fn a_deployment_has_so_many_runs_at_a_time_and_no_more(db: Db) {
        let mut quiet = Quiet::new(db).await;
        let mut last = String::new();
        for _ in 0..MAX_ACTIVE_RUNS {
            last = create(&mut quiet.owner, &quiet.path, &json!({})).await;
        }
        let path = format!("{}/run", quiet.path);
        let refused = quiet.owner.post(&path, &json!({})).await;
        assert_eq!((refused.status, refused.code()), (409, "too_many_runs"));
        quiet.reports(&last, RunPhase::Succeeded).await;
        create(&mut quiet.owner, &quiet.path, &json!({})).await;
    }
}
