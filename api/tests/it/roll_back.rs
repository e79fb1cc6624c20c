//! Rollbacks and the settings: they change together, or not at all.

use std::time::Duration;

use api::{clock::Clock, db::Db, db_test, services};
use axum::http::Method;
use harness::{Answer, Client, TestServer, Unlinked, unconnected};
use models::{
    RunnerId,
    deployment::{Failure, FailureCode, Fault, ReleasePhase},
};
use serde_json::{Value, json};

/// A deployment whose release 1, `app:1`, was live before release 2, `app:2`.
///
/// Its runner never connects; the test makes its reports.
struct Fixture {
    server: TestServer,
    owner: Client,
    clock: Clock,
    runner_id: RunnerId,
    deployment_id: Value,
    first: String,
    path: String,
}

impl Fixture {
    async fn new(db: Db) -> Self {
        let made = Unlinked::new(db, json!({"spec": {"image": "app:1"}})).await;
        let first = made.deployment["release"]["release_id"].as_str().unwrap();
        let mut fixture = Self {
            first: first.to_owned(),
            path: made.path,
            server: made.server,
            owner: made.owner,
            clock: made.clock,
            runner_id: made.runner_id,
            deployment_id: json!(made.deployment_id),
        };
        fixture.ends(ReleasePhase::Live).await;
        fixture.update(&json!({"spec": {"image": "app:2"}})).await;
        fixture.ends(ReleasePhase::Live).await;
        fixture
    }

    async fn deployment(&mut self) -> Value {
        self.owner.get(&self.path).await.body["deployment"].clone()
    }

    /// The image in the settings.
    async fn image(&mut self) -> Value {
        self.deployment().await["spec"]["image"].clone()
    }

    async fn update(&mut self, change: &Value) -> Answer {
        let answer = self.owner.call(Method::PATCH, &self.path, Some(change));
        let answer = answer.await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    async fn act(&mut self, what: &str) {
        let path = format!("{}/{what}", self.path);
        let answer = self.owner.call(Method::POST, &path, None).await;
        assert_eq!(answer.status, 202, "{what}: {answer:?}");
    }

    async fn roll_back(&mut self) {
        let what = format!("release/{}/roll-back", self.first);
        self.act(&what).await;
        let release = self.deployment().await["release"].clone();
        assert_eq!(release["reason"], "rolled_back");
        assert_eq!(release["spec"]["image"], "app:1");
    }

    /// Lets time pass, and has the server look for overdue releases.
    async fn passes(&mut self, time: Duration) -> Value {
        self.clock.advance(time);
        services::release::expire_overdue(&self.server.app)
            .await
            .unwrap();
        self.deployment().await["release"]["phase"].clone()
    }

    /// Reports the phase or the end of the newest release, as the runner would.
    async fn ends(&mut self, phase: ReleasePhase) {
        let release = self.deployment().await["release"]["release_id"].clone();
        let failure = (phase == ReleasePhase::Failed).then(|| Failure {
            fault: Fault::User,
            code: FailureCode::AppExited,
            message: "It ended.".to_owned(),
        });
        let report = json!({
            "deployment_id": self.deployment_id, "release_id": release, "phase": phase,
            "failure": failure, "image_digest": format!("sha256:{}", "0a".repeat(32)),
        });
        self.server.hears(unconnected(self.runner_id), report).await;
        let seen = self.deployment().await["release"]["phase"].clone();
        assert_eq!(seen, phase.name());
    }
}

db_test! {
    async fn a_roll_back_that_is_live_takes_the_settings_along(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.roll_back().await;
        assert_eq!(fixture.image().await, "app:2", "it is only on its way");
        fixture.ends(ReleasePhase::Live).await;
        assert_eq!(fixture.image().await, "app:1");
        fixture.act("deploy").await;
        assert_eq!(fixture.deployment().await["release"]["spec"]["image"], "app:1");
    }

    async fn a_roll_back_that_never_is_live_leaves_the_settings_as_they_are(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.roll_back().await;
        fixture.ends(ReleasePhase::Failed).await;
        assert_eq!(fixture.image().await, "app:2", "it failed");

        fixture.roll_back().await;
        let release = fixture.deployment().await["release"]["release_id"].clone();
        let what = format!("release/{}/cancel", release.as_str().unwrap());
        fixture.act(&what).await;
        assert_eq!(fixture.image().await, "app:2", "it was canceled");

        fixture.roll_back().await;
        assert_eq!(fixture.passes(Duration::from_hours(1)).await, "failed");
        assert_eq!(fixture.image().await, "app:2", "it ran out of time");

        fixture.roll_back().await;
        fixture.act("stop").await;
        assert_eq!(fixture.image().await, "app:2", "it was stopped");
        fixture.act("start").await;

        fixture.roll_back().await;
        fixture.act("deploy").await;
        let newest = fixture.deployment().await["release"].clone();
        assert_eq!(newest["spec"]["image"], "app:2", "it was superseded by the settings");
        fixture.ends(ReleasePhase::Live).await;
        assert_eq!(fixture.image().await, "app:2");
    }

    async fn a_release_waits_for_the_word_of_a_runner_that_is_away(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.roll_back().await;
        fixture.ends(ReleasePhase::Verifying).await;
        assert_eq!(fixture.passes(Duration::from_hours(1)).await, "verifying");
        assert_eq!(fixture.passes(Duration::from_hours(22)).await, "verifying");
        fixture.ends(ReleasePhase::Live).await;
        assert_eq!(fixture.image().await, "app:1");

        fixture.roll_back().await;
        fixture.ends(ReleasePhase::Verifying).await;
        assert_eq!(fixture.passes(Duration::from_hours(25)).await, "failed");
    }

    async fn settings_that_a_person_changes_during_a_roll_back_are_kept(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.roll_back().await;
        fixture.update(&json!({"spec": {"image": "app:3"}, "deploy": false})).await;
        fixture.ends(ReleasePhase::Live).await;
        assert_eq!(fixture.image().await, "app:3");
        assert_eq!(fixture.deployment().await["release"]["spec"]["image"], "app:1");
    }

    async fn settings_stay_as_they_are_wanted_when_their_release_fails(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.update(&json!({"spec": {"image": "app:3"}})).await;
        fixture.ends(ReleasePhase::Failed).await;
        assert_eq!(fixture.image().await, "app:3", "they are mended, not typed again");
    }
}
