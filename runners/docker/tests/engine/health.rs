//! An image's health check, run by the engine.

use models::{
    deployment::{FailureCode, Fault, ImageCheckUse, Instance, InstanceState, ReleasePhase},
    runner::{ReleaseReport, Workload},
    value::{Argument, ImageReference},
};
use runner_common::{
    Exec, InstanceKey, InstancePlatform,
    conformance::{
        App, Harness, Link, PORT,
        harness::{next, now_live, release, release_id},
    },
};

use crate::{platform::Engine, test_image};

async fn ends(link: &mut Link, app: &Workload) -> ReleaseReport {
    link.change(app).await;
    link.reports(release_id(app)).await.pop().unwrap()
}

/// Returns the app's next release, of an image with a health check.
fn checked(app: &Workload, image: &str) -> Workload {
    next(app, |app| {
        let mut spec = app.release.take().unwrap().spec;
        spec.image = ImageReference::trusted(image);
        app.release = Some(release(spec));
    })
}

#[tokio::test]
async fn an_images_health_check_decides_whether_a_release_is_live() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    test_image::make_checked(&engine.docker).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, good) = harness.deploy(&mut link, &app).await;

    // Its port answers, but its own check fails: the previous release runs on.
    let broken = checked(&app, test_image::NEVER_HEALTHY);
    let end = ends(&mut link, &broken).await;
    let failure = end.failure.expect("it says why");
    assert_eq!(failure.code, FailureCode::ImageHealthCheckFailed);
    let message = &failure.message;
    assert!(message.contains("failed 2 times in a row"), "{message}");
    assert!(message.contains("no database"), "{message}");
    let back = next(&broken, |back| back.release.clone_from(&app.release));
    link.change(&back).await;
    assert_eq!(
        harness.runs(&mut link, &back).await.started_at,
        good.started_at
    );

    // It can be ignored, and then the engine does not run it either.
    let mut ignored = checked(&back, test_image::NEVER_HEALTHY);
    let spec = &mut ignored.release.as_mut().unwrap().spec;
    spec.image_health_check = ImageCheckUse::Ignore;
    let (ignored, _) = harness.deploy(&mut link, &ignored).await;
    let instances = harness
        .observer()
        .await
        .instances(harness.server.runner_id)
        .await;
    assert_eq!(instances.unwrap()[0].health, None);
    harness.finish(link, &[&ignored]).await;
}

async fn run(harness: &Harness<'_, Engine>, key: &InstanceKey, command: &[&str]) {
    let exec = Exec {
        command: command
            .iter()
            .map(|part| Argument::trusted(*part))
            .collect(),
        terminal: None,
    };
    let session = harness.observer().await.exec(key, exec).await.unwrap();
    while session.control.end().await.is_err() {}
}

#[tokio::test]
async fn an_app_that_its_images_health_check_finds_ill_is_unhealthy_until_it_is_well() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    test_image::make_checked(&engine.docker).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = checked(
        &harness.workload(App::Web, Some(PORT)),
        test_image::MAY_FALL_ILL,
    );
    let end = ends(&mut link, &app).await;
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    let app = now_live(&app);
    link.change(&app).await;
    let instance = harness.runs(&mut link, &app).await;
    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: instance.release_id,
        instance_id: instance.instance_id,
        attempt: None,
    };

    run(&harness, &key, &["/bin/busybox", "touch", "/ill"]).await;
    let ill = |seen: &[Instance]| matches!(seen, [one] if one.state == InstanceState::Unhealthy);
    link.observed("that it is ill", app.deployment_id, ill)
        .await;
    let error = link
        .error(app.deployment_id, FailureCode::ImageHealthCheckFailed)
        .await;
    assert!(error.failure.message.contains("I am ill"), "{error:?}");
    run(&harness, &key, &["/bin/busybox", "rm", "/ill"]).await;
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(after.started_at, instance.started_at, "nobody restarts it");
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_instance_that_is_paused_says_so_until_it_is_resumed() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let container = engine
        .container(&InstanceKey {
            runner_id: harness.server.runner_id,
            deployment_id: app.deployment_id,
            release_id: instance.release_id,
            instance_id: instance.instance_id,
            attempt: None,
        })
        .await;
    engine.docker.pause_container(&container).await.unwrap();
    let error = link
        .error(app.deployment_id, FailureCode::InstancePaused)
        .await;
    assert_eq!(error.failure.fault, Fault::Platform);
    engine.docker.unpause_container(&container).await.unwrap();
    link.no_error(app.deployment_id).await;
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(after.started_at, instance.started_at, "nobody restarts it");
    harness.finish(link, &[&app]).await;
}
