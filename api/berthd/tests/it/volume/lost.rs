//! Volumes that are missing on their runner's host.

use api::{clock::Clock, db_test, services, store};
use axum::http::Method;
use harness::{
    Client, Fake, TestServer, eventually, spec, unconnected,
    volume::{Place, report},
};
use models::{VolumeId, time::Timestamp};
use runner_common::conformance::Subject;
use serde_json::{Value, json};

use crate::whole;

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// True if the server accepts a runner's report that a volume is missing.
async fn is_believed(server: &TestServer, place: &mut Place, runner: &Value, volume: &str) -> bool {
    let reporter = unconnected(runner.as_str().unwrap().parse().unwrap());
    let lost = services::volume::lost(&server.app, reporter, volume.parse().unwrap());
    lost.await.unwrap();
    place.read(volume).await.get("lost_at").is_some()
}

/// The volumes that the runner's only deployment expects to exist.
async fn expected(server: &TestServer, place: &Place) -> Vec<VolumeId> {
    let runner_id = place.runner.as_str().unwrap().parse().unwrap();
    let workloads = services::workload::of_runner(&server.app, runner_id)
        .await
        .unwrap();
    let release = workloads[0].release.as_ref().unwrap();
    release.expected_volumes.clone()
}

async fn error_of(owner: &mut Client, app: &str) -> Value {
    let observed = &owner.get(app).await.body["deployment"]["observed"];
    observed["error"]["code"].clone()
}

db_test! {
    async fn a_volume_is_expected_once_a_release_with_it_was_live(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let (first, second) = (place.volume("first").await, place.volume("second").await);
        let (first_id, runner) = (first.parse().unwrap(), place.runner.clone());
        let made = place.deploy("app", &[&first]).await;
        report(&server, &place, &made, "verifying").await;
        assert_eq!(expected(&server, &place).await, []);
        assert!(!is_believed(&server, &mut place, &runner, &first).await);
        report(&server, &place, &made, "live").await;
        assert_eq!(expected(&server, &place).await, [first_id]);

        // A newer release has one more volume, which no app has used.
        let newer = place.update(&made, &[&first, &second]).await;
        assert_eq!(expected(&server, &place).await, [first_id]);
        report(&server, &place, &newer, "failed").await;
        assert!(!is_believed(&server, &mut place, &runner, &second).await);

        // The volume stays lost without a deployment, and for the next one.
        let without = place.update(&made, &[]).await;
        report(&server, &place, &without, "live").await;
        assert_eq!(expected(&server, &place).await, [], "the release does not mount it");
        let again = place.update(&made, &[&first]).await;
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!(expected(&server, &place).await, [first_id]);
    }

    async fn a_runner_is_believed_of_its_own_volumes_over_its_newest_link(db: Db) {
        let server = TestServer::with_clock(whole(db), &Clock::manual(NOW));
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let made = place.deploy("app", &[&volume]).await;
        report(&server, &place, &made, "live").await;
        let (other, own) = (place.other_runner.clone(), place.runner.clone());
        assert!(!is_believed(&server, &mut place, &other, &volume).await);
        let runner_id = own.as_str().unwrap().parse().unwrap();
        let older = store::observation::Reporter { epoch: -1, ..unconnected(runner_id) };
        services::volume::lost(&server.app, older, volume.parse().unwrap()).await.unwrap();
        assert_eq!(place.read(&volume).await.get("lost_at"), None);
        assert!(is_believed(&server, &mut place, &own, &volume).await);
        assert_eq!(place.read(&volume).await["lost_at"], "2023-11-14T22:13:20.000000Z");
    }

    async fn only_a_lost_volume_is_given_up_and_only_by_who_may_delete_it(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let volume = place.volume("data").await;
        let made = place.deploy("app", &[&volume]).await;
        report(&server, &place, &made, "live").await;
        let page = format!("{}/volume/{volume}", place.path);
        let replace = format!("{page}/replace-lost");
        let answer = place.owner.call(Method::POST, &replace, None).await;
        assert_eq!(answer.code(), "volume_not_lost");
        let shown = place.owner.page(&page).await.text;
        assert!(!shown.contains("action=\"/form/ReplaceLostVolume\""), "{shown}");

        let own = place.runner.clone();
        assert!(is_believed(&server, &mut place, &own, &volume).await);
        let shown = place.owner.page(&page).await.text;
        for part in [
            "This volume is lost",
            "action=\"/form/ReplaceLostVolume\"",
            &format!("berth-{volume}"),
            "mount it again",
        ] {
            assert!(shown.contains(part), "{part} is missing in {shown}");
        }
        let list = place.owner.page(&format!("{}/volume", place.path)).await.text;
        assert!(list.contains("Lost"), "{list}");
        let workspace_id = place.path.strip_prefix("/workspace/").unwrap().parse().unwrap();
        let viewer = Some((workspace_id, models::rbac::Role::Viewer));
        let mut viewer = server.person("vic", viewer).await;
        let shown = viewer.page(&page).await.text;
        assert!(shown.contains("This volume is lost"), "{shown}");
        assert!(!shown.contains("action=\"/form/ReplaceLostVolume\""), "{shown}");

        let answer = place.owner.call(Method::POST, &replace, None).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["volume"].get("lost_at"), None);
        assert_eq!(expected(&server, &place).await, []);
        let newest = store::audit_event::newest(&server.app.db, workspace_id, 1).await.unwrap();
        assert_eq!(newest[0].action, "volume.replace_lost");
        let answer = place.owner.call(Method::POST, &replace, None).await;
        assert_eq!(answer.code(), "volume_not_lost");
    }

    async fn a_lost_volume_keeps_its_app_down_until_it_is_back_or_given_up(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "first", address).await;
        let path = format!("/workspace/{workspace_id}");
        let request = json!({"name": "data", "runner_id": fake.runner_id, "size_bytes": 1 << 20});
        let made = owner.post(&format!("{path}/volume"), &request).await;
        let id = made.body["volume"]["volume_id"].as_str().unwrap().to_owned();
        let (volume_id, volume) = (id.parse().unwrap(), format!("{path}/volume/{id}"));
        let mut spec = spec("1");
        spec["volumes"] = json!([{"volume_id": id, "path": "/data"}]);
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec});
        let app = owner.post(&format!("{path}/deployment"), &request).await;
        let app = app.body["deployment"]["deployment_id"].as_str().unwrap();
        let app = format!("{path}/deployment/{app}");
        let runs = async |owner: &mut Client| {
            let found = &owner.get(&app).await.body["deployment"];
            let is = found["observed"]["summary"] == "running" && found["release"]["phase"] == "live";
            is.then_some(())
        };
        eventually("it runs", async || runs(&mut owner).await).await;

        for is_back in [true, false, false] {
            let stop = owner.call(Method::POST, &format!("{app}/stop"), None).await;
            assert!((200..300).contains(&stop.status), "{stop:?}");
            eventually("it is stopped", async || {
                let found = owner.get(&app).await;
                let left = &found.body["deployment"]["observed"]["instances"];
                left.as_array().unwrap().is_empty().then_some(())
            })
            .await;
            let created = fake.platform.created();
            fake.platform.lose(volume_id).await;
            let start = owner.call(Method::POST, &format!("{app}/start"), None).await;
            assert!((200..300).contains(&start.status), "{start:?}");
            eventually("it says what is wrong", async || {
                (error_of(&mut owner, &app).await == "volume_lost").then_some(())
            })
            .await;
            let lost = eventually("the volume is known to be lost", async || {
                owner.get(&volume).await.body["volume"].get("lost_at").cloned()
            })
            .await;
            assert!(lost.is_string());
            let page = owner.page(&app).await.text;
            assert!(page.contains(&format!("href=\"{volume}\"")), "{page}");
            assert_eq!(fake.platform.created(), created, "it was started");
            assert!(!fake.platform.has_volume(volume_id), "an empty one was made");

            if is_back {
                fake.platform.bring_back(volume_id);
            } else {
                let replace = format!("{volume}/replace-lost");
                let replaced = owner.call(Method::POST, &replace, None).await;
                assert_eq!(replaced.status, 200, "{replaced:?}");
            }
            eventually("it runs again", async || runs(&mut owner).await).await;
            // The empty volume is expected from now on, as the third round shows.
            eventually("the volume is there", async || {
                let there = owner.get(&volume).await.body["volume"].get("lost_at").is_none();
                let own = fake.runner_id;
                let workloads = services::workload::of_runner(&server.app, own).await.unwrap();
                let expected = &workloads[0].release.as_ref().unwrap().expected_volumes;
                (there && *expected == [volume_id]).then_some(())
            })
            .await;
            assert_eq!(error_of(&mut owner, &app).await, Value::Null);
        }
    }
}
