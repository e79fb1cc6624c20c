//! Volumes: access, placement and life cycle.

mod lifecycle;

use std::time::Duration;

use api::{clock::Clock, db_test, services, store};
use axum::http::Method;
use harness::{
    TestServer,
    streams::{Link, hello},
    volume::{DAY, Place, report, spec},
};
use models::{
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
    time::Timestamp,
};
use serde_json::{Value, json};

db_test! {
    async fn a_volume_is_one_deployments_at_a_time(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let first = place.deploy("first", &[&volume]).await;
        assert_eq!(first.status, 201, "{first:?}");
        let attached = json!({
            "deployment_id": first.body["deployment"]["deployment_id"],
            "name": "first", "path": "/data/0",
        });
        assert_eq!(place.read(&volume).await["attached"], attached);

        let second = place.deploy("second", &[&volume]).await;
        assert_eq!(second.code(), "volume_in_use");
        assert_eq!(second.body["fields"][0]["field"], "spec.volumes[0].volume_id");
        let message = second.body["message"].as_str().unwrap();
        assert!(message.contains("first"), "{message}");
        assert_eq!(place.trash(&volume).await.code(), "volume_in_use");
    }

    async fn a_volume_stays_with_its_deployment_for_as_long_as_a_release_names_it(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let first = place.deploy("first", &[&volume]).await;
        report(&server, &place, &first, "live").await;
        // The settings no longer name it, but the live release still does.
        let second = place.update(&first, &[]).await;
        assert_eq!(second.status, 200, "{second:?}");
        assert_eq!(place.read(&volume).await["attached"]["name"], "first");
        report(&server, &place, &second, "failed").await;
        assert_eq!(place.read(&volume).await["attached"]["name"], "first");
        let third = place.update(&first, &[&volume]).await;
        assert_eq!(third.status, 200, "{third:?}");
        let fourth = place.update(&first, &[]).await;
        report(&server, &place, &fourth, "live").await;
        assert_eq!(place.read(&volume).await["attached"], Value::Null);

        // Rolling back takes it again, unless another deployment has it.
        let id = first.body["deployment"]["deployment_id"].as_str().unwrap().to_owned();
        let release = first.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let back = format!("{}/deployment/{id}/release/{release}/roll-back", place.path);
        let other = place.deploy("other", &[&volume]).await;
        assert_eq!(other.status, 201, "{other:?}");
        assert_eq!(place.owner.call(Method::POST, &back, None).await.code(), "volume_in_use");
        let freed = place.update(&other, &[]).await;
        report(&server, &place, &freed, "live").await;
        let back = place.owner.call(Method::POST, &back, None).await;
        assert_eq!(back.body["deployment"]["release"]["spec"], spec_of(&volume), "{back:?}");
        assert_eq!(place.read(&volume).await["attached"]["name"], "first");
        report(&server, &place, &back, "failed").await;
        assert_eq!(place.read(&volume).await["attached"], Value::Null, "nothing names it");
    }

    async fn deleting_a_deployment_leaves_its_volumes(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let made = place.deploy("app", &[&volume]).await;
        let id = made.body["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{}/deployment/{id}", place.path);
        let deleted = place.owner.call(Method::DELETE, &path, None).await;
        assert_eq!(deleted.status, 202, "{deleted:?}");
        assert_eq!(place.read(&volume).await["attached"]["name"], "app", "it may still run");
        let generation = deleted.body["deployment"]["generation"].as_i64().unwrap();
        let runner_id = place.runner.as_str().unwrap().parse().unwrap();
        let removed =
            services::deployment::purge(&server.app, runner_id, id.parse().unwrap(), generation);
        removed.await.unwrap();
        let left = place.read(&volume).await;
        assert_eq!((&left["attached"], &left["trash"]), (&Value::Null, &Value::Null));
    }

    async fn a_volume_that_does_not_fit_is_refused_with_its_field(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let (here, nowhere) = (place.volume("here").await, uuid::Uuid::nil().to_string());
        let other_runner = place.other_runner.clone();
        let there = place.make("there", &other_runner).await;
        let trashed = place.volume("trashed").await;
        assert_eq!(place.trash(&trashed).await.status, 200);
        for (volume, code) in [
            (&nowhere, "volume_not_found"),
            (&there, "volume_on_other_runner"),
            (&trashed, "volume_in_trash"),
        ] {
            let answer = place.deploy("app", &[&here, volume]).await;
            assert_eq!(answer.code(), code);
            assert_eq!(answer.body["fields"][0]["field"], "spec.volumes[1].volume_id");
        }
        assert_eq!(place.read(&here).await["attached"], Value::Null, "nothing is half done");
        let mut many = spec(&[&here]);
        many["instances"] = json!(2);
        let request = json!({"name": "app", "runner_id": place.runner, "spec": many});
        let path = format!("{}/deployment", place.path);
        let answer = place.owner.post(&path, &request).await;
        assert_eq!(answer.code(), "validation_failed");
        assert_eq!(answer.body["fields"][0]["field"], "spec.instances");
    }

    async fn another_workspaces_volume_is_none(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap().parse().unwrap();
        let mut eves = Place::in_workspace(eve, own).await;
        assert_eq!(eves.deploy("app", &[&volume]).await.code(), "volume_not_found");
        let request = json!({"name": "x", "runner_id": place.runner, "size_bytes": 1 << 20});
        let path = format!("{}/volume", eves.path);
        assert_eq!(eves.owner.post(&path, &request).await.code(), "runner_not_found");
        assert_eq!(place.trash(&volume).await.status, 200);
    }

    async fn a_volume_grows_and_does_not_shrink(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        place.volume("other").await;
        let larger = place.change(&volume, &json!({"size_bytes": "2 GiB"})).await;
        assert_eq!(larger.body["volume"]["size_bytes"], 2_i64 << 30, "{larger:?}");
        let smaller = place.change(&volume, &json!({"size_bytes": 1 << 30})).await;
        assert_eq!(smaller.code(), "volume_cannot_shrink");
        let renamed = place.change(&volume, &json!({"name": "renamed"})).await;
        assert_eq!(renamed.body["volume"]["name"], "renamed");
        assert_eq!(renamed.body["volume"]["size_bytes"], 2_i64 << 30);
        let taken = place.change(&volume, &json!({"name": "other"})).await;
        assert_eq!(taken.code(), "volume_name_taken");
        let nothing = place.change(&volume, &json!({"size_bytes": "much"})).await;
        assert_eq!(nothing.body["fields"][0]["field"], "size_bytes", "{nothing:?}");
    }

    async fn the_trash_gives_back_until_the_last_moment_and_not_after(db: Db) {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let server = TestServer::with_clock(db, &clock);
        let mut place = Place::of(&server).await;
        let (kept, gone) = (place.volume("kept").await, place.volume("gone").await);
        let first = place.trash(&kept).await.body["volume"]["trash"].clone();
        assert_eq!(first["is_purging"], false);
        assert_eq!(place.trash(&gone).await.status, 200);
        clock.advance(DAY);
        let again = place.trash(&kept).await;
        assert_eq!(again.body["volume"]["trash"], first, "its time does not begin anew");
        let list = format!("{}/volume", place.path);
        assert_eq!(place.owner.get(&list).await.body["total"], 2, "the trash is listed too");

        clock.advance(5 * DAY + Duration::from_hours(23));
        services::volume::purge_due(&server.app).await.unwrap();
        let restored = place.restore(&kept).await;
        assert_eq!(restored.body["volume"]["trash"], Value::Null, "{restored:?}");
        assert_eq!(place.deploy("app", &[&kept]).await.status, 201);
        clock.advance(Duration::from_hours(1));
        assert_eq!(place.restore(&gone).await.code(), "volume_being_purged");
        services::volume::purge_due(&server.app).await.unwrap();
        assert_eq!(place.restore(&gone).await.code(), "volume_being_purged");
        assert_eq!(place.read(&gone).await["trash"]["is_purging"], true);
    }

    async fn a_runner_is_asked_for_due_volumes_only(db: Db) {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let server = TestServer::with_clock(db, &clock);
        let mut place = Place::of(&server).await;
        let address = server.serve().await;
        let other_runner = place.other_runner.clone();
        let (used, fresh) = (place.volume("used").await, place.volume("fresh").await);
        let due = place.volume("due").await;
        let elsewhere = place.make("there", &other_runner).await;
        assert_eq!(place.deploy("app", &[&used]).await.status, 201);
        place.trash(&due).await;
        place.trash(&elsewhere).await;
        clock.advance(7 * DAY);
        place.trash(&fresh).await;

        let mut link = Link::open(address, &place.token).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        // A new link does not announce volumes that are not due yet.
        services::volume::purge_due(&server.app).await.unwrap();
        let due_id = due.parse().unwrap();
        for _ in 0..2 {
            let named = loop {
                if let ServerFrame::RemoveVolumes { volume_ids, .. } = link.receive().await {
                    break volume_ids;
                }
            };
            assert_eq!(named, [due_id], "as long as it is not gone it is asked for again");
            services::volume::purge_due(&server.app).await.unwrap();
        }

        // A runner's report about a volume that it was not asked to remove changes nothing.
        for volume in [&used, &fresh, &elsewhere, &due] {
            let volume_id = volume.parse().unwrap();
            link.send(&RunnerFrame::VolumeRemoved { volume_id }).await;
        }
        let path = format!("{}/volume", place.path);
        let left = harness::eventually("the volume is gone", async || {
            let page = place.owner.get(&path).await.body;
            (page["items"].as_array().unwrap().len() == 3).then_some(page)
        })
        .await;
        let names: Vec<_> = left["items"].as_array().unwrap().iter().map(|v| &v["name"]).collect();
        assert_eq!(names, ["fresh", "there", "used"]);
    }

    async fn a_runner_that_keeps_no_volumes_gets_none(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("early").await;
        let mut about = hello(PROTOCOL_VERSION).about;
        about.volumes = false;
        let runner_id = place.runner.as_str().unwrap().parse().unwrap();
        services::runner::record_info(&server.app, runner_id, 0, &about).await.unwrap();
        assert_eq!(place.deploy("app", &[&volume]).await.code(), "runner_without_volumes");
        let request = json!({"name": "late", "runner_id": place.runner, "size_bytes": 1 << 20});
        let path = format!("{}/volume", place.path);
        assert_eq!(place.owner.post(&path, &request).await.code(), "runner_without_volumes");
    }

    async fn actions_on_a_volume_are_audited(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        place.change(&volume, &json!({"name": "renamed"})).await;
        place.trash(&volume).await;
        place.restore(&volume).await;
        let workspace_id = place.path.strip_prefix("/workspace/").unwrap().parse().unwrap();
        let newest = store::audit_event::newest(&server.app.db, workspace_id, 3).await.unwrap();
        let actions: Vec<_> = newest.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["volume.restore", "volume.delete", "volume.update"]);
        assert!(newest.iter().all(|event| event.target.as_deref() == Some(&volume)));
    }

    async fn a_runner_with_volumes_is_not_deleted(db: Db) {
        let server = TestServer::new(db);
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        place.trash(&volume).await;
        let runner = format!("{}/runner/{}", place.path, place.runner.as_str().unwrap());
        let answer = place.owner.call(Method::DELETE, &runner, None).await;
        assert_eq!(answer.code(), "runner_in_use");
        assert!(answer.body["message"].as_str().unwrap().contains("volumes"));
    }
}

/// The specification with one volume at the first mount point.
fn spec_of(volume: &str) -> Value {
    let mut spec = spec(&[volume]);
    spec["environment"] = json!([]);
    spec
}
