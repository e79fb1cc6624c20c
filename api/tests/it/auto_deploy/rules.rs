//! Effects of a runner's report of a tag, and reports without effect.

use api::{client::ClientAddress, db_test, services};
use harness::images::digest;
use models::{RunnerId, deployment::ReleasePhase, runner::TagReport, value::ImageReference};
use serde_json::{Value, json};

use crate::auto_deploy::{Fixture, broken};

db_test! {
    async fn a_moved_tag_creates_one_release(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        let deployment = fixture.deployment().await;
        let release = &deployment["release"];
        assert_eq!((&release["reason"], &release["created_by"]), (&json!("tag_moved"), &json!({"kind": "tag", "name": "1"})));
        assert_eq!(release["image_digest"], digest(2));
        assert_eq!(release["spec"]["image"], "app:1", "it keeps its name");
        assert_eq!(fixture.finds(&digest(2)).await, 2, "it is on its way");
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2, "it runs");
        let tag = fixture.deployment().await["tag"].clone();
        assert_eq!((&tag["digest"], &tag["failure"]), (&json!(digest(2)), &Value::Null));

        // Pushing an earlier image again is a push too.
        fixture.minute_passes();
        assert_eq!(fixture.finds(&digest(1)).await, 3);
    }

    async fn a_failed_digest_is_not_deployed_again_automatically(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Failed, digest(2).as_str()).await;
        fixture.minute_passes();
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        // A person may deploy, and means the pushed image, not the one on the host.
        let changed = json!({"spec": {"image": "app:1", "environment": [{"name": "A", "value": ""}]}});
        assert_eq!(fixture.update(changed).await.body["deployment"]["release"]["number"], 3);
        assert_eq!(fixture.deployment().await["release"]["image_digest"], digest(2));
        assert_eq!(fixture.finds(&digest(3)).await, 4);
    }

    async fn a_rolled_back_digest_is_not_deployed_again_automatically(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        fixture.minute_passes();

        // Someone pushes and the runner checks the tag, but a person rolls back before its report
        // arrives.
        let before = fixture.watched().await.unwrap();
        let first = fixture.release(1).await["release_id"].clone();
        fixture.act(&format!("release/{}/roll-back", first.as_str().unwrap())).await;
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        fixture.says(fixture.runner_id, fixture.answer(&digest(3), before)).await;
        fixture.follows().await;
        assert_eq!(fixture.newest().await, 3);
        assert_eq!(fixture.deployment().await["tag"]["is_held"], true);
        assert!(fixture.watched().await.unwrap() > before, "the runner is asked to check now");
        assert_eq!(fixture.finds(&digest(3)).await, 3, "what it means now does not come back");
        assert_eq!(fixture.finds(&digest(3)).await, 3);
        assert_eq!(fixture.deployment().await["tag"]["is_held"], true);

        // New settings keep the image that was rolled back to.
        let changed = json!({"spec": {"image": "app:1", "environment": [{"name": "A", "value": ""}]}});
        fixture.update(changed).await;
        assert_eq!(fixture.deployment().await["release"]["image_digest"], digest(1));
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;

        // An image pushed after that is new.
        assert_eq!(fixture.finds(&digest(4)).await, 5);
        assert_eq!(fixture.deployment().await["tag"]["is_held"], Value::Null);
    }

    async fn a_roll_back_that_fails_leaves_the_image_of_the_settings(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        let first = fixture.release(1).await["release_id"].clone();
        fixture.act(&format!("release/{}/roll-back", first.as_str().unwrap())).await;
        fixture.minute_passes();
        assert_eq!(fixture.finds(&digest(3)).await, 3, "a push does not come between");
        fixture.ends(ReleasePhase::Failed, digest(1).as_str()).await;
        let changed = json!({"spec": {"image": "app:1", "environment": [{"name": "A", "value": ""}]}});
        fixture.update(changed).await;
        assert_eq!(fixture.deployment().await["release"]["image_digest"], digest(2));
    }

    async fn a_manual_deploy_resolves_the_tag(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        let first = fixture.release(1).await["release_id"].clone();
        fixture.act(&format!("release/{}/roll-back", first.as_str().unwrap())).await;
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        assert_eq!(fixture.finds(&digest(2)).await, 3);
        fixture.act("deploy").await;
        let deployment = fixture.deployment().await;
        assert_eq!(deployment["release"]["image_digest"], Value::Null, "the runner asks");
        assert_eq!(deployment["release"]["reason"], "deployed");
        assert_eq!(fixture.finds(&digest(2)).await, 4, "it is on its way");
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        assert_eq!(fixture.finds(&digest(2)).await, 4, "it runs");
    }

    async fn nothing_follows_while_it_is_stopped_and_it_is_made_up_for(db: Db) {
        let mut fixture = Fixture::live(db).await;
        let serial = fixture.watched().await.unwrap();
        fixture.act("stop").await;
        assert_eq!(fixture.watched().await, None, "nobody is to check");
        fixture.says(fixture.runner_id, fixture.answer(&digest(2), serial)).await;
        fixture.follows().await;
        assert_eq!(fixture.newest().await, 1);
        fixture.act("start").await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
    }

    async fn automatic_releases_are_a_minute_apart(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        for number in 3..10 {
            assert_eq!(fixture.finds(&digest(number)).await, 2, "not that soon");
        }
        let at = fixture.follows().await.expect("it is not forgotten");
        assert_eq!(at, fixture.clock.now().plus_millis(60_000));
        fixture.minute_passes();
        assert_eq!(fixture.follows().await, None);
        let deployment = fixture.deployment().await;
        assert_eq!(deployment["release"]["number"], 3);
        assert_eq!(deployment["release"]["image_digest"], digest(9), "the newest one");
        let older = fixture.release(2).await;
        assert_eq!(older["phase"], "superseded");
    }

    async fn a_release_whose_digest_is_not_known_yet_is_waited_for(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let serial = fixture.watched().await.unwrap();
        fixture.says(fixture.runner_id, fixture.answer(&digest(1), serial)).await;
        assert!(fixture.follows().await.is_some(), "it may become just this");
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        assert_eq!(fixture.follows().await, None);
        assert_eq!(fixture.newest().await, 1);
    }

    async fn a_first_image_that_comes_late_is_deployed_when_it_comes(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.ends(ReleasePhase::Failed, None).await;
        assert_eq!(fixture.finds(&digest(1)).await, 2);
    }

    async fn switching_it_on_brings_nothing_back_that_ran_before(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        fixture.minute_passes();
        let off = json!({"spec": {"image": "app:1"}, "auto_deploy": false});
        assert_eq!(fixture.update(off).await.body["deployment"]["auto_deploy"], false);
        assert_eq!(fixture.watched().await, None);
        let first = fixture.release(1).await["release_id"].clone();
        fixture.act(&format!("release/{}/roll-back", first.as_str().unwrap())).await;
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        let on = json!({"spec": {"image": "app:1"}, "auto_deploy": true});
        let answer = fixture.update(on).await;
        assert_eq!(answer.body["deployment"]["auto_deploy"], true);
        assert_eq!(answer.body["deployment"]["release"]["number"], 3, "no release for that alone");
        assert_eq!(fixture.finds(&digest(2)).await, 3);
        assert_eq!(fixture.finds(&digest(3)).await, 4);
    }

    async fn another_image_is_checked_anew(db: Db) {
        let mut fixture = Fixture::live(db).await;
        assert_eq!(fixture.finds(&digest(2)).await, 2);
        fixture.ends(ReleasePhase::Live, digest(2).as_str()).await;
        fixture.minute_passes();
        let other = json!({"spec": {"image": "app:2"}});
        fixture.update(other).await;
        let deployment = fixture.deployment().await;
        assert_eq!(deployment["auto_deploy"], true, "left out means as before");
        assert_eq!(deployment["release"]["image_digest"], Value::Null, "nothing is known of it");
        assert_eq!(deployment["tag"], Value::Null);
        fixture.ends(ReleasePhase::Live, digest(5).as_str()).await;
        // Later reports about the old tag have no effect.
        assert_eq!(fixture.finds(&digest(3)).await, 3);
        let serial = fixture.watched().await.unwrap();
        let image = ImageReference::trusted("app:2");
        let report = TagReport { image, ..fixture.answer(&digest(6), serial) };
        fixture.says(fixture.runner_id, report).await;
        fixture.follows().await;
        assert_eq!(fixture.newest().await, 4);
    }

    async fn a_failed_tag_check_is_shown_until_the_next_one(db: Db) {
        let mut fixture = Fixture::live(db).await;
        let serial = fixture.watched().await.unwrap();
        let report = TagReport {
            digest: None,
            failure: Some(broken()),
            ..fixture.answer(&digest(1), serial)
        };
        fixture.says(fixture.runner_id, report).await;
        let tag = fixture.deployment().await["tag"].clone();
        assert_eq!(tag["failure"]["message"], "It ended.");
        assert_eq!(tag["digest"], digest(1), "what it meant before is still known");
        assert_eq!(fixture.finds(&digest(1)).await, 1);
        assert_eq!(fixture.deployment().await["tag"]["failure"], Value::Null);
    }

    async fn a_tag_report_counts_for_the_watched_image_only(db: Db) {
        let mut fixture = Fixture::live(db).await;
        let serial = fixture.watched().await.unwrap();
        let runners = format!("/workspace/{}/runner", fixture.workspace_id);
        let other = fixture.owner.post(&runners, &json!({"name": "other"})).await.body;
        let other: RunnerId = serde_json::from_value(other["runner"]["runner_id"].clone()).unwrap();
        let right = fixture.answer(&digest(2), serial);
        let image = |image: &str| TagReport {
            image: ImageReference::trusted(image),
            ..right.clone()
        };
        for (runner_id, report) in [
            (other, right.clone()),
            (fixture.runner_id, image("evil.example/app:1")),
            (fixture.runner_id, image("app:2")),
        ] {
            fixture.says(runner_id, report).await;
            fixture.follows().await;
            assert_eq!(fixture.newest().await, 1);
        }
        let off = json!({"spec": {"image": "app:1"}, "auto_deploy": false});
        fixture.update(off).await;
        fixture.says(fixture.runner_id, right).await;
        fixture.follows().await;
        assert_eq!(fixture.newest().await, 1, "it is off");
    }

    async fn a_report_over_an_older_link_changes_nothing(db: Db) {
        let mut fixture = Fixture::live(db).await;
        let serial = fixture.watched().await.unwrap();
        let address = ClientAddress([127, 0, 0, 1].into());
        services::runner::acquire_lease(&fixture.server.app, fixture.runner_id, address).await.unwrap();
        fixture.says(fixture.runner_id, fixture.answer(&digest(2), serial)).await;
        fixture.follows().await;
        assert_eq!(fixture.newest().await, 1, "what a tag means");
        fixture.act("deploy").await;
        fixture.ends(ReleasePhase::Live, digest(1).as_str()).await;
        assert_eq!(fixture.deployment().await["release"]["phase"], "queued");
    }

    async fn an_image_without_a_tag_cannot_be_watched(db: Db) {
        let mut fixture = Fixture::live(db).await;
        let pinned = format!("app:1@{}", digest(1));
        for change in [
            json!({"spec": {"image": pinned}, "auto_deploy": true}),
            json!({"spec": {"image": pinned}}),
        ] {
            let answer = fixture.update(change).await;
            assert_eq!((answer.status, answer.code()), (422, "validation_failed"), "{answer:?}");
            assert_eq!(answer.body["fields"][0]["field"], "auto_deploy");
        }
        let off = json!({"spec": {"image": pinned}, "auto_deploy": false});
        assert_eq!(fixture.update(off).await.status, 200);
    }
}
