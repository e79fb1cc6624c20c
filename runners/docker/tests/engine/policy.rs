//! The host policy, on a real engine.

use std::collections::HashMap;

use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId,
    deployment::{FailureCode, Fault},
    runner::{HostPolicy, RunnerSpec},
    value::{ImageReference, RegistryPattern},
};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, PullProgress, RunnerError,
    conformance::{App, Harness, harness::release_id},
};
use runner_docker::{DockerOptions, DockerRunner};
use uuid::Uuid;

use crate::{
    platform::{Engine, options},
    test_image,
};

fn only_from(registry: &str) -> HostPolicy {
    HostPolicy {
        registries: Some(vec![RegistryPattern::trusted(registry)]),
        ..HostPolicy::default()
    }
}

#[tokio::test]
async fn a_forbidden_image_becomes_no_container() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let mut harness = Harness::start(&engine).await;
    let link = harness.first_link().await;
    harness.stop_runner().await;
    link.cut();
    // The test image is one of docker.io/berth.
    harness.policy = only_from("docker.io/bert");
    harness.restart_runner().await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    link.change(&app).await;
    let reports = link.reports(release_id(&app)).await;
    let failure = reports.last().unwrap().failure.clone().unwrap();
    assert_eq!(
        (failure.fault, failure.code.clone()),
        (Fault::User, FailureCode::RefusedByHostPolicy)
    );
    let label = format!("dev.berth.deployment={}", app.deployment_id);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&HashMap::from([("label", vec![label])]))
        .build();
    let made = engine.docker.list_containers(Some(options)).await.unwrap();
    assert!(made.is_empty(), "{made:?}");
    harness.finish(link, &[&app]).await;
}

/// Returns a key for an instance that does not exist yet.
pub(crate) fn new_key() -> InstanceKey {
    let id = Uuid::now_v7;
    InstanceKey {
        runner_id: RunnerId::from_uuid(id()),
        deployment_id: DeploymentId::from_uuid(id()),
        release_id: ReleaseId::from_uuid(id()),
        instance_id: InstanceId::from_uuid(id()),
        attempt: None,
    }
}

/// Pulls and creates an instance as the loop does.
async fn create(runner: &DockerRunner, image: ImageReference) -> Result<InstanceKey, RunnerError> {
    let (progress, _) = PullProgress::new();
    let image_digest = runner.pull(&image, None, None, &progress).await?.digest;
    let key = new_key();
    let spec = RunnerSpec::of_image(image);
    let instance = InstanceSpec {
        key,
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.map(|()| key)
}

#[tokio::test]
async fn an_image_that_only_an_id_leads_to_is_refused_where_registries_are_limited() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let local = engine.docker.inspect_image(test_image::NAME).await.unwrap();
    let id = local.id.unwrap();
    let short = &id.strip_prefix("sha256:").unwrap()[..12];
    // Read as a name, this would be docker.io/library/<id>.
    let by_id = ImageReference::new(short).unwrap();
    let by_name = ImageReference::new(test_image::NAME).unwrap();

    let runner = DockerRunner::new(DockerOptions {
        policy: only_from("docker.io"),
        ..options()
    });
    let error = create(&runner, by_id.clone()).await.unwrap_err();
    assert_eq!(
        (error.code.clone(), error.fault),
        (FailureCode::RefusedByHostPolicy, Fault::User),
        "{error}"
    );
    let key = create(&runner, by_name).await.unwrap();
    runner.remove(&key).await.unwrap();

    let open = DockerRunner::new(options());
    let key = create(&open, by_id).await.unwrap();
    open.remove(&key).await.unwrap();
}

/// Creates an instance with this memory limit, as the loop does.
async fn create_with(
    runner: &DockerRunner,
    key: InstanceKey,
    memory_mib: impl Into<Option<u32>>,
) -> Result<(), RunnerError> {
    let (progress, _) = PullProgress::new();
    let image = ImageReference::new(test_image::NAME).unwrap();
    let image_digest = runner.pull(&image, None, None, &progress).await?.digest;
    let mut spec = RunnerSpec::of_image(image);
    spec.resources.memory_mib = memory_mib.into();
    let instance = InstanceSpec {
        key,
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await
}

#[tokio::test]
async fn an_instance_that_asks_for_no_limit_cannot_take_the_host_down() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let total = engine.docker.info().await.unwrap().mem_total.unwrap();
    let small = DockerOptions {
        policy: HostPolicy {
            default_memory_mib: Some(48),
            ..HostPolicy::default()
        },
        ..DockerOptions::default()
    };
    for (options, most) in [(DockerOptions::default(), total * 3 / 4), (small, 48 << 20)] {
        let runner = DockerRunner::new(options);
        let told = runner.fingerprint().await.unwrap().policy.unwrap();
        let key = new_key();
        create_with(&runner, key, None).await.unwrap();
        let container = engine.container(&key).await;
        let made = engine
            .docker
            .inspect_container(&container, None::<InspectContainerOptions>);
        let memory = made.await.unwrap().host_config.unwrap().memory.unwrap();
        assert!(
            memory > most - (2 << 20) && memory <= most,
            "{memory} of {most}"
        );
        assert_eq!(Some(memory >> 20), told.default_memory_mib.map(i64::from));
        runner.remove(&key).await.unwrap();
    }
}

#[tokio::test]
async fn the_limits_of_a_container_are_checked_at_its_creation_and_its_start() {
    if Engine::if_wanted().await.is_none() {
        return eprintln!("skipped: there is no platform");
    }
    let strict = DockerRunner::new(DockerOptions {
        policy: HostPolicy {
            max_memory_mib: Some(64),
            max_instances: Some(2),
            ..options().policy
        },
        ..options()
    });
    let open = DockerRunner::new(options());
    let refusal = |result: Result<(), RunnerError>, rule: &str| {
        let error = result.expect_err(rule);
        assert_eq!(error.code, FailureCode::RefusedByHostPolicy, "{error}");
        assert!(error.message.contains(rule), "{error}");
    };
    refusal(create_with(&strict, new_key(), 65).await, "max_memory_mib");

    // Created before its host policy became strict.
    let large = new_key();
    create_with(&open, large, 128).await.unwrap();
    refusal(strict.start(&large).await, "max_memory_mib");
    open.start(&large).await.unwrap();
    open.remove(&large).await.unwrap();

    // Together they use up the limit of one deployment.
    let first = new_key();
    let beside = |key: &InstanceKey| InstanceKey {
        instance_id: new_key().instance_id,
        attempt: None,
        ..*key
    };
    let (second, third) = (beside(&first), beside(&first));
    for key in [&first, &second] {
        create_with(&strict, *key, 32).await.unwrap();
        strict.start(key).await.unwrap();
    }
    refusal(create_with(&strict, third, 16).await, "max_instances");
    create_with(&open, third, 16).await.unwrap();
    refusal(strict.start(&third).await, "max_instances");
    strict.remove(&first).await.unwrap();
    strict.start(&third).await.unwrap();
    for key in [second, third] {
        strict.remove(&key).await.unwrap();
    }
}
