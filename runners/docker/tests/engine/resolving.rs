//! The image of a deploy, with real registries and copies under the same name.

use bollard::query_parameters::TagImageOptionsBuilder;
use models::{
    ReleaseId,
    deployment::{CopyReason, DesiredState, FailureCode, ImageSource, ReleasePhase},
    runner::{RegistryCredential, ReleaseReport},
    value::{ImageReference, RegistryHost, RegistryUserName, SecretText},
};
use runner_common::{
    InstancePlatform, PullProgress,
    conformance::{
        App, Harness, PORT, Subject,
        harness::{next, now_live, release_id},
    },
};
use uuid::Uuid;

use crate::{
    platform::Engine,
    pulling::{push, push_image, remove},
    registry::{Door, PULLER, Registry},
    test_image,
};

/// Gives the test image another name, as if someone had built it on the host.
async fn name(engine: &Engine, image: &ImageReference) {
    let (repository, tag) = image.as_str().rsplit_once(':').unwrap();
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag(tag)
        .build();
    let named = engine.docker.tag_image(test_image::NAME, Some(options));
    named.await.unwrap();
}

/// Deploys an image and deletes it again; returns the last report of its release.
async fn deploy(
    engine: &Engine,
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> ReleaseReport {
    let mut harness = Harness::start(engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    let release = app.release.as_mut().unwrap();
    release.spec.image = image.clone();
    release.registry_credential = credential.cloned();
    link.change(&app).await;
    let end = link.reports(release_id(&app)).await.pop().unwrap();
    if end.phase == ReleasePhase::Live {
        harness.runs(&mut link, &now_live(&app)).await;
    }
    harness.finish(link, &[&app]).await;
    end
}

fn puller(registry: &Registry) -> RegistryCredential {
    RegistryCredential {
        host: RegistryHost::new(registry.address().to_string()).unwrap(),
        user_name: RegistryUserName::new(PULLER.name).unwrap(),
        password: SecretText::new(PULLER.password),
    }
}

fn because(end: &ReleaseReport) -> Option<CopyReason> {
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    match end.image_source {
        Some(ImageSource::Host { because, built_at }) => {
            assert!(built_at.is_some(), "it does not say how old the copy is");
            Some(because)
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_deploy_runs_what_was_pushed_and_not_the_old_copy_on_the_host() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    test_image::make_other(&engine.docker).await;
    let registry = Registry::start(Door::Open).await;
    let image = push_image(&engine, &registry, test_image::OTHER).await;
    let pushed = engine
        .runner()
        .await
        .resolve_tag(&image, None)
        .await
        .unwrap();
    name(&engine, &image).await;

    let end = deploy(&engine, &image, None).await;
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    assert_eq!(end.image_digest, Some(pushed));
    assert_eq!(end.image_source, Some(ImageSource::Registry));
    // The host's copy is the registry's last one, for the day when it does not answer.
    let here = engine.docker.inspect_image(image.as_str()).await.unwrap();
    let labels = here.config.unwrap().labels.unwrap();
    assert_eq!(labels["dev.berth.test"], "other");
    remove(&engine, image.as_str()).await;
}

#[tokio::test]
async fn an_image_that_only_the_host_has_runs_and_the_release_shows_it() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let nowhere = engine.missing_image();
    // Nothing listens on the discard port.
    let silent = ImageReference::new("127.0.0.1:9/resolving:1").unwrap();
    for (image, reason) in [
        (nowhere, CopyReason::NotFound),
        (silent, CopyReason::NoAnswer),
    ] {
        name(&engine, &image).await;
        let end = deploy(&engine, &image, None).await;
        assert_eq!(because(&end), Some(reason));
        remove(&engine, image.as_str()).await;
    }
}

#[tokio::test]
async fn a_private_image_of_another_runner_is_not_found_by_a_guess() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Locked).await;
    let image = push(&engine, &registry).await;
    let credential = puller(&registry);
    let (progress, _) = PullProgress::new();
    let someone = engine.runner().await;
    let pulled = someone.pull(&image, None, Some(&credential), &progress);
    pulled.await.unwrap();

    let end = deploy(&engine, &image, None).await;
    assert_eq!(
        end.failure.as_ref().map(|failure| failure.code.clone()),
        Some(FailureCode::ImageAccessDenied),
        "{end:?}"
    );
    let end = deploy(&engine, &image, Some(&credential)).await;
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    assert_eq!(end.image_source, Some(ImageSource::Registry));
    remove(&engine, image.as_str()).await;
}

#[tokio::test]
async fn a_private_image_of_another_runner_is_not_found_by_its_digest() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Locked).await;
    let image = push(&engine, &registry).await;
    let credential = puller(&registry);
    let (progress, _) = PullProgress::new();
    let someone = engine.runner().await;
    let pulled = someone.pull(&image, None, Some(&credential), &progress);
    let digest = pulled.await.unwrap().digest;
    let id = engine.docker.inspect_image(image.as_str()).await.unwrap();
    let id = id.id.unwrap();

    let repository = image.repository();
    let pinned = ImageReference::new(format!("{image}@{digest}")).unwrap();
    for name in [
        pinned.to_string(),
        format!("{repository}@{digest}"),
        // Digests of images on the host are found by their ids too.
        format!("{repository}@{id}"),
    ] {
        let end = deploy(&engine, &ImageReference::new(&name).unwrap(), None).await;
        assert_eq!(
            end.failure.as_ref().map(|failure| failure.code.clone()),
            Some(FailureCode::ImageAccessDenied),
            "{name}: {end:?}"
        );
        assert_eq!((end.image, end.image_digest), (None, None));
    }

    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    let release = app.release.as_mut().unwrap();
    release.spec.image = pinned;
    release.registry_credential = Some(credential);
    let (app, _) = harness.deploy(&mut link, &app).await;
    // A release that ran once runs again, though its registry is gone and this runner did not
    // fetch it.
    drop(registry);
    let back = next(&app, |app| {
        let release = app.release.as_mut().unwrap();
        release.release_id = ReleaseId::from_uuid(Uuid::now_v7());
        release.live = false;
        release.image_digest = Some(digest);
    });
    let (back, _) = harness.deploy(&mut link, &back).await;
    harness.finish(link, &[&back]).await;
    remove(&engine, image.as_str()).await;
}

#[tokio::test]
async fn an_image_that_this_runner_pulled_runs_by_digest_without_its_registry() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Locked).await;
    let own = format!("berth/conformance:own-{}", std::process::id());
    test_image::make_own(&engine.docker, &own).await;
    let image = push_image(&engine, &registry, &own).await;
    // Or the engine has it already and fetches nothing.
    remove(&engine, &own).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    let release = app.release.as_mut().unwrap();
    release.spec.image = image.clone();
    release.registry_credential = Some(puller(&registry));
    link.change(&app).await;
    let end = link.reports(release_id(&app)).await.pop().unwrap();
    assert_eq!(end.image_source, Some(ImageSource::Registry), "{end:?}");

    drop(registry);
    let digest = end.image_digest.unwrap();
    let mut other = harness.workload(App::Mute, None);
    let release = other.release.as_mut().unwrap();
    release.spec.image = ImageReference::new(format!("{image}@{digest}")).unwrap();
    let (other, _) = harness.deploy(&mut link, &other).await;
    harness.finish(link, &[&now_live(&app), &other]).await;
    remove(&engine, image.as_str()).await;
}

#[tokio::test]
async fn an_image_that_was_removed_by_hand_is_missed_at_once_when_its_app_is_started() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Open).await;
    let image = push(&engine, &registry).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    app.release.as_mut().unwrap().spec.image = image.clone();
    link.change(&app).await;
    let end = link.reports(release_id(&app)).await.pop().unwrap();
    assert_eq!(end.phase, ReleasePhase::Live, "{end:?}");
    let mut app = now_live(&app);
    app.release.as_mut().unwrap().image_digest = end.image_digest;
    let stopped = next(&app, |app| app.desired = DesiredState::Stopped);
    link.change(&stopped).await;
    link.observed("its end", app.deployment_id, <[_]>::is_empty)
        .await;

    remove(&engine, image.as_str()).await;
    drop(registry);
    let started = next(&stopped, |app| app.desired = DesiredState::Running);
    link.change(&started).await;
    let error = link
        .error(app.deployment_id, FailureCode::ImagePullFailed)
        .await;
    assert!(error.next_try_at.is_some(), "{error:?}");
    harness.finish(link, &[&started]).await;
}
