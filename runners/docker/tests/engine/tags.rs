//! Tags in registries, resolved through the engine.

use models::{
    deployment::{FailureCode, Fault},
    runner::{RegistryCredential, RunnerFrame, TagReport, WatchedTag},
    value::{ImageDigest, ImageReference, RegistryHost, RegistryUserName, SecretText},
};
use runner_common::{
    InstanceKey, InstancePlatform, PullProgress, RunnerError,
    conformance::{
        App, Harness, Link, PORT, Subject,
        harness::{next, release, release_id},
    },
};

use crate::{
    platform::Engine,
    pulling::{push, push_image, remove},
    registry::{Door, NosyRegistry, PULLER, Registry},
    test_image,
};

fn credential(host: impl ToString, password: &str) -> RegistryCredential {
    RegistryCredential {
        host: RegistryHost::new(host.to_string()).unwrap(),
        user_name: RegistryUserName::new(PULLER.name).unwrap(),
        password: SecretText::new(password),
    }
}

async fn look_up(
    engine: &Engine,
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> Result<ImageDigest, RunnerError> {
    engine.runner().await.resolve_tag(image, credential).await
}

#[tokio::test]
async fn a_tag_resolves_to_the_digest_of_a_pull_without_pulling() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Open).await;
    let image = push(&engine, &registry).await;
    let found = look_up(&engine, &image, None).await.unwrap();
    let here = engine.docker.inspect_image(image.as_str()).await;
    assert!(here.is_err(), "it was pulled");
    let (progress, _) = PullProgress::new();
    let runner = engine.runner().await;
    let pulled = runner.pull(&image, None, None, &progress).await.unwrap();
    let pulled = pulled.digest;
    assert_eq!(found, pulled);

    // The host's copy must not count once the tag moved.
    test_image::make_other(&engine.docker).await;
    let repository = image.as_str().rsplit_once(':').unwrap().0.to_owned();
    let kept = format!("{repository}@{pulled}");
    push_image(&engine, &registry, test_image::OTHER).await;
    let moved = look_up(&engine, &image, None).await.unwrap();
    assert_ne!(moved, found);
    engine.docker.inspect_image(&kept).await.unwrap();
    remove(&engine, &kept).await;

    let missing = ImageReference::new(format!("{}/missing:1", registry.address())).unwrap();
    let error = look_up(&engine, &missing, None).await.unwrap_err();
    assert_eq!(error.fault, Fault::User, "{error} {:?}", error.source);
    // Nothing listens on the discard port.
    let silent = ImageReference::new("127.0.0.1:9/app:1").unwrap();
    let error = look_up(&engine, &silent, None).await.unwrap_err();
    assert_eq!(
        (error.fault, error.code.clone()),
        (Fault::Platform, FailureCode::TagLookupFailed)
    );
    assert!(!error.message.contains("pulled"), "{error}");
}

#[tokio::test]
async fn a_private_tag_is_resolved_with_the_right_credential_only() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Locked).await;
    let image = push(&engine, &registry).await;
    let right = credential(registry.address(), PULLER.password);
    let found = look_up(&engine, &image, Some(&right)).await.unwrap();
    assert_eq!(found.algorithm(), "sha256");
    let wrong = credential(registry.address(), "canary wrong");
    let others = credential("127.0.0.1:1", PULLER.password);
    for shown in [None, Some(&wrong), Some(&others)] {
        let error = look_up(&engine, &image, shown).await.unwrap_err();
        assert_eq!(
            (error.fault, error.code.clone()),
            (Fault::User, FailureCode::ImageAccessDenied),
            "{error} {:?}",
            error.source
        );
        assert!(!error.to_string().contains("canary"), "{error}");
    }

    let nosy = NosyRegistry::start();
    let image = ImageReference::new(format!("{}/app:1", nosy.address())).unwrap();
    assert!(look_up(&engine, &image, Some(&others)).await.is_err());
    let (requests, with_a_name) = nosy.heard();
    assert!(requests > 0, "nobody asked");
    assert_eq!(with_a_name, 0, "it was shown to another registry");
}

async fn moved(link: &mut Link, from: Option<&ImageDigest>) -> ImageDigest {
    link.until("what the tag means", |frame| match frame {
        RunnerFrame::TagResolved(TagReport {
            digest: Some(digest),
            ..
        }) if Some(digest) != from => Some(digest.clone()),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn an_image_pushed_to_a_watched_tag_of_a_private_registry_is_deployed() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    test_image::make_other(&engine.docker).await;
    let registry = Registry::start(Door::Locked).await;
    let image = push(&engine, &registry).await;
    let shown = credential(registry.address(), PULLER.password);
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    app.watched_tag = Some(WatchedTag {
        image: image.clone(),
        registry_credential: Some(shown.clone()),
        poll_serial: 1,
    });
    let first = app.release.as_mut().unwrap();
    first.spec.image = image.clone();
    first.registry_credential = Some(shown.clone());
    let (app, _) = harness.deploy(&mut link, &app).await;
    let before = moved(&mut link, None).await;

    push_image(&engine, &registry, test_image::OTHER).await;
    let after = moved(&mut link, Some(&before)).await;
    let pushed = next(&app, |app| {
        let mut pushed = release(app.release.as_ref().unwrap().spec.clone());
        pushed.image_digest = Some(after.clone());
        pushed.registry_credential = Some(shown);
        app.release = Some(pushed);
    });
    let (pushed, instance) = harness.deploy(&mut link, &pushed).await;
    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: pushed.deployment_id,
        release_id: release_id(&pushed),
        instance_id: instance.instance_id,
        attempt: None,
    };
    let container = engine.container(&key).await;
    let container = engine
        .docker
        .inspect_container(&container, None)
        .await
        .unwrap();
    let labels = container.config.unwrap().labels.unwrap();
    assert_eq!(
        labels.get("dev.berth.test").map(String::as_str),
        Some("other")
    );
    harness.finish(link, &[&pushed]).await;
    let repository = image.as_str().rsplit_once(':').unwrap().0;
    for digest in [before, after] {
        remove(&engine, &format!("{repository}@{digest}")).await;
    }
}
