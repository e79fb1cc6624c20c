//! Images that come from a registry.

use bollard::{
    auth::DockerCredentials,
    query_parameters::{
        PushImageOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
    },
};
use futures::TryStreamExt;
use models::{
    deployment::{FailureCode, Fault},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use runner_common::{
    ImageOrigin, InstancePlatform, InstanceSpec, NeededImages, OwnerKey, PullProgress,
    conformance::Subject,
};

use runner_docker::{DockerOptions, DockerRunner};

use crate::{
    platform::{Engine, options},
    registry::{Door, PUSHER, Registry},
    test_image,
};

/// Pushes the test image to a registry and removes it from the host.
pub(crate) async fn push(engine: &Engine, registry: &Registry) -> ImageReference {
    push_image(engine, registry, test_image::NAME).await
}

/// Pushes an image to a registry under the suite's one tag; untags it on the host.
pub(crate) async fn push_image(
    engine: &Engine,
    registry: &Registry,
    image: &str,
) -> ImageReference {
    let repository = registry.repository();
    let name = format!("{repository}:1");
    let docker = &engine.docker;
    let tag = TagImageOptionsBuilder::default()
        .repo(&repository)
        .tag("1")
        .build();
    docker.tag_image(image, Some(tag)).await.unwrap();
    let push = PushImageOptionsBuilder::default().tag("1").build();
    docker
        .push_image(&repository, Some(push), Some(pusher()))
        .try_collect::<Vec<_>>()
        .await
        .unwrap();
    remove(engine, &name).await;
    ImageReference::new(name).unwrap()
}

fn pusher() -> DockerCredentials {
    DockerCredentials {
        username: Some(PUSHER.name.to_owned()),
        password: Some(PUSHER.password.to_owned()),
        ..DockerCredentials::default()
    }
}

pub(crate) async fn remove(engine: &Engine, name: &str) {
    let options = RemoveImageOptionsBuilder::default().build();
    engine
        .docker
        .remove_image(name, Some(options), None)
        .await
        .unwrap();
}

#[tokio::test]
async fn an_image_is_pulled_by_name_and_again_by_digest() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Open).await;
    let image = push(&engine, &registry).await;
    let runner = engine.runner().await;

    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(&image, None, None, &progress).await.unwrap();
    assert_eq!(pulled.origin, ImageOrigin::Registry);
    let digest = pulled.digest;
    let local = engine.docker.inspect_image(image.as_str()).await.unwrap();
    let digests = local.repo_digests.unwrap();
    assert!(
        digests.iter().any(|known| known.ends_with(digest.as_str())),
        "{digests:?}"
    );

    remove(&engine, image.as_str()).await;
    let again = runner
        .pull(&image, Some(&digest), None, &progress)
        .await
        .unwrap();
    assert_eq!(again.digest, digest);
    let repository = image.as_str().rsplit_once(':').unwrap().0;
    remove(&engine, &format!("{repository}@{digest}")).await;
}

#[tokio::test]
async fn an_image_that_is_here_is_used_without_asking_a_registry() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let (progress, _) = PullProgress::new();
    let runner = engine.runner().await;
    let found = runner
        .pull(&engine.image(), None, None, &progress)
        .await
        .unwrap();
    assert!(matches!(found.origin, ImageOrigin::LocalCopy { .. }));
    let digest = found.digest;
    assert_eq!(
        runner
            .pull(&engine.image(), Some(&digest), None, &progress)
            .await
            .unwrap()
            .digest,
        digest
    );
}

#[tokio::test]
async fn a_registry_that_cannot_be_reached_is_not_the_users_fault() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    // Nothing listens on the discard port.
    let image = ImageReference::new("127.0.0.1:9/app:1").unwrap();
    let (progress, _) = PullProgress::new();
    let error = engine
        .runner()
        .await
        .pull(&image, None, None, &progress)
        .await
        .unwrap_err();
    assert_eq!(
        (error.fault, error.code.clone()),
        (Fault::Platform, FailureCode::ImagePullFailed),
        "{error}"
    );
}

/// Returns the images to keep, by digest and by name.
fn needed(digests: &[&ImageDigest], images: &[&ImageReference]) -> NeededImages {
    NeededImages {
        digests: digests.iter().map(|&digest| digest.clone()).collect(),
        images: images.iter().map(|&image| image.clone()).collect(),
        // All images pulled until now are old enough.
        pulled_before: Timestamp::from_micros(i64::MAX),
    }
}

#[tokio::test]
async fn an_image_goes_when_nothing_needs_it_and_only_from_who_pulled_it() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Open).await;
    let own = format!("berth/conformance:pruned-{}", std::process::id());
    test_image::make_own(&engine.docker, &own).await;
    let image = push_image(&engine, &registry, &own).await;
    // The host must not know it under another name, or it stays for that one.
    remove(&engine, &own).await;
    // Other tests pull with the default key.
    let keyed = |secret: &[u8]| {
        DockerRunner::new(DockerOptions {
            key: Some(OwnerKey::from_secret(secret)),
            ..options()
        })
    };
    let runner = keyed(own.as_bytes());
    let (progress, _) = PullProgress::new();
    let digest = runner
        .pull(&image, None, None, &progress)
        .await
        .unwrap()
        .digest;
    let is_here = async || engine.docker.inspect_image(image.as_str()).await.is_ok();

    let other = keyed(b"of another runner");
    assert_eq!(
        other.prune(&needed(&[], &[])).await.unwrap(),
        0,
        "another's"
    );
    for named in [needed(&[&digest], &[]), needed(&[], &[&image])] {
        assert_eq!(runner.prune(&named).await.unwrap(), 0);
    }
    let young = NeededImages {
        pulled_before: Timestamp::from_micros(0),
        ..needed(&[], &[])
    };
    assert_eq!(runner.prune(&young).await.unwrap(), 0);
    assert!(is_here().await);

    let key = crate::policy::new_key();
    let spec = models::runner::RunnerSpec::of_image(image.clone());
    let instance = InstanceSpec {
        key,
        spec,
        image_digest: digest.clone(),
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    assert_eq!(runner.prune(&needed(&[], &[])).await.unwrap(), 0, "in use");
    runner.remove(&key).await.unwrap();

    assert_eq!(runner.prune(&needed(&[], &[])).await.unwrap(), 1);
    assert!(!is_here().await);
    let left = engine.docker.inspect_image(digest.as_str()).await;
    assert!(left.is_err(), "{left:?}");
    assert_eq!(runner.prune(&needed(&[], &[])).await.unwrap(), 0);
}
