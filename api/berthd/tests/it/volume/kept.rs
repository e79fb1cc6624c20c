//! Volumes that their runner cannot remove, or that have no runner any more.

use api::{clock::Clock, db_test, services};
use axum::http::Method;
use harness::{
    TestServer, eventually,
    streams::{Link, hello},
    volume::{DAY, Place},
};
use models::{
    deployment::{Failure, FailureCode, Fault},
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
    time::Timestamp,
};
use serde_json::{Value, json};

use crate::whole;

fn failure(message: &str) -> Failure {
    Failure {
        fault: Fault::Platform,
        code: FailureCode::VolumeBusy,
        message: message.to_owned(),
    }
}

/// A server on a manual clock, and a volume whose runner was asked to remove it.
async fn purging(db: api::db::Db) -> (TestServer, Clock, Place, String) {
    let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
    let server = TestServer::with_clock(whole(db), &clock);
    let mut place = Place::of(&server).await;
    let volume = place.volume("data").await;
    assert_eq!(place.trash(&volume).await.status, 200);
    clock.advance(7 * DAY);
    services::volume::purge_due(&server.app).await.unwrap();
    (server, clock, place, volume)
}

db_test! {
    async fn a_volume_that_could_not_be_removed_shows_why_and_since_when(db: Db) {
        let (server, clock, mut place, volume) = purging(db).await;
        let address = server.serve().await;
        let mut link = Link::open(address, &place.token).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        while !matches!(link.receive().await, ServerFrame::RemoveVolumes { .. }) {}
        // PostgreSQL stores no NUL, which must not cost the link.
        let volume_id = volume.parse().unwrap();
        let kept = RunnerFrame::VolumeRemovalFailed { volume_id, failure: failure("It is \0busy.") };
        link.send(&kept).await;
        let shown = eventually("the reason is there", async || {
            let shown = place.read(&volume).await;
            shown["trash"].get("removal_failure").is_some().then_some(shown)
        })
        .await;
        assert_eq!(shown["runner_connected"], true);
        assert_eq!(shown["trash"]["removal_failure"], json!({
            "failure": {"fault": "platform", "code": "volume_busy", "message": "It is busy."},
            "at": "2023-11-21T22:13:20.000000Z",
        }));
        let page = format!("{}/volume/{volume}", place.path);
        for page in [page, format!("{}/volume", place.path)] {
            let page = place.owner.page(&page).await;
            assert!(page.text.contains("It is busy."), "{}", page.text);
        }

        // The newest report counts, but one so soon after the last is ignored.
        let (app, runner_id) = (&server.app, place.runner.as_str().unwrap().parse().unwrap());
        for (seconds, heard) in [(10, "It is busy."), (50, "It is broken.")] {
            clock.advance(std::time::Duration::from_secs(seconds));
            let failure = failure("It is broken.");
            services::volume::record_removal_failure(app, runner_id, volume_id, &failure).await.unwrap();
            let shown = place.read(&volume).await;
            assert_eq!(shown["trash"]["removal_failure"]["failure"]["message"], heard);
        }
    }

    async fn a_removal_report_counts_for_requested_volumes_only(db: Db) {
        let (server, clock, mut place, volume) = purging(db).await;
        let other = place.other_runner.clone();
        let free = place.volume("free").await;
        let report = async |runner: &Value, volume: &str| {
            clock.advance(DAY);
            let runner_id = runner.as_str().unwrap().parse().unwrap();
            let (app, failure) = (&server.app, failure("A lie."));
            let volume_id = volume.parse().unwrap();
            services::volume::record_removal_failure(app, runner_id, volume_id, &failure).await.unwrap();
        };
        report(&other, &volume).await;
        assert_eq!(place.read(&volume).await["trash"].get("removal_failure"), None);
        let own = place.runner.clone();
        report(&own, &free).await;
        assert_eq!(place.read(&free).await.get("trash"), None);
    }

    async fn a_volume_of_a_runner_that_is_gone_can_be_forgotten_and_the_runner_deleted(db: Db) {
        let (server, _clock, mut place, volume) = purging(db).await;
        let page = format!("{}/volume/{volume}", place.path);
        let shown = place.owner.page(&page).await.text;
        for part in ["is not connected", "action=\"/form/ForgetVolume\"", &format!("berth-{volume}")] {
            assert!(shown.contains(part), "{part} is missing in {shown}");
        }
        let list = format!("{}/volume", place.path);
        assert!(place.owner.page(&list).await.text.contains("Waiting for its runner"));
        let runner = format!("{}/runner/{}", place.path, place.runner.as_str().unwrap());
        assert_eq!(place.owner.call(Method::DELETE, &runner, None).await.code(), "runner_in_use");

        let forget = format!("{page}/forget");
        assert_eq!(place.owner.call(Method::POST, &forget, None).await.status, 204);
        assert_eq!(place.owner.get(&page).await.status, 404);
        assert_eq!(place.owner.call(Method::POST, &forget, None).await.status, 404);
        let runner_id = place.runner.as_str().unwrap().parse().unwrap();
        let asked = services::volume::due_for_removal(&server.app, runner_id).await.unwrap();
        assert_eq!(asked, [], "its runner is still asked to remove the data");
        assert_eq!(place.owner.call(Method::DELETE, &runner, None).await.status, 204);
    }

    async fn only_a_volume_in_the_trash_can_be_forgotten(db: Db) {
        let server = TestServer::new(whole(db));
        let mut place = Place::of(&server).await;
        let (free, used) = (place.volume("free").await, place.volume("used").await);
        assert_eq!(place.deploy("app", &[&used]).await.status, 201);
        for volume in [&free, &used] {
            let forget = format!("{}/volume/{volume}/forget", place.path);
            let answer = place.owner.call(Method::POST, &forget, None).await;
            assert_eq!(answer.code(), "volume_not_in_trash");
        }
        assert_eq!(place.trash(&free).await.status, 200);
        let forget = format!("{}/volume/{free}/forget", place.path);
        assert_eq!(place.owner.call(Method::POST, &forget, None).await.status, 204);
    }
}
