//! Images that must stay on a runner's host, with the fake runner.

#![expect(
    clippy::unwrap_used,
    reason = "tests, and what they are made of, speak by panics"
)]

use std::time::Duration;

use models::{
    runner::{MAX_RETAINED_IMAGES, ServerFrame},
    value::ImageDigest,
};
use runner_common::{
    NeededImages,
    conformance::{App, Harness, Link, PATIENCE, PORT, Subject, fake::FakePlatform, harness::next},
};
use tokio::time::{sleep, timeout};

fn rolled_back_to() -> ImageDigest {
    ImageDigest::sha256([0x11; 32])
}

async fn keep(link: &mut Link, epoch: i64, digests: &[ImageDigest]) {
    let digests = digests.to_vec();
    link.send(ServerFrame::RetainImages { epoch, digests })
        .await;
}

/// Waits for the given number of prunes.
async fn pruned(platform: &FakePlatform, times: usize) -> NeededImages {
    let waiting = async {
        while platform.needed().len() < times {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap();
    platform.needed().pop().unwrap()
}

#[tokio::test]
async fn nothing_that_should_run_or_may_be_rolled_back_to_is_ever_pruned() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (mut app, _) = harness.deploy(&mut link, &app).await;
    app.release.as_mut().unwrap().image_digest = Some(platform.digest());
    link.change(&app).await;
    let epoch = link.epoch;
    keep(&mut link, epoch, &[rolled_back_to()]).await;
    let needed = pruned(&platform, 1).await;
    for digest in [rolled_back_to(), platform.digest()] {
        assert!(needed.digests.contains(&digest), "{needed:?}");
    }
    assert_eq!(needed.images, [platform.image()]);

    // A stopped app will start again from the same image.
    let stopped = next(&app, |app| {
        app.desired = models::deployment::DesiredState::Stopped;
    });
    link.change(&stopped).await;
    link.observed("its end", app.deployment_id, |seen| {
        seen.iter().all(|one| one.ports.is_empty())
    })
    .await;
    keep(&mut link, epoch, &[]).await;
    let needed = pruned(&platform, 2).await;
    assert!(needed.digests.contains(&platform.digest()), "{needed:?}");
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn nothing_is_pruned_before_the_desired_state_arrives_or_by_an_older_link() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let (mut link, _) = harness.next_link().await;
    let epoch = link.epoch;
    keep(&mut link, epoch, &[]).await;
    link.set_desired(&[]).await;
    keep(&mut link, epoch - 1, &[]).await;
    keep(&mut link, epoch, &[rolled_back_to()]).await;
    let needed = pruned(&platform, 1).await;
    assert!(
        needed.digests.contains(&rolled_back_to()),
        "the earlier ones count"
    );
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn a_server_that_names_images_without_end_loses_the_link() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let epoch = link.epoch;
    let too_many = vec![rolled_back_to(); MAX_RETAINED_IMAGES + 1];
    keep(&mut link, epoch, &too_many).await;
    link.end().await;
    let (link, _) = harness.next_link().await;
    harness.finish(link, &[]).await;
}
