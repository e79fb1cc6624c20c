use models::{
    DeploymentId, EnvironmentId, InstanceId, ReleaseId, RunnerId, VolumeId,
    deployment::{Port, Protocol, VolumeMount},
    runner::RunnerSpec,
    time::Timestamp,
    value::{ContainerPath, ImageDigest, ImageReference, ResourceName},
};
use runner_common::{
    AttemptKey, InstanceKey, InstanceNetwork, InstanceSpec, Owner, OwnerKey, RetiredVolume,
};
use uuid::Uuid;

use super::{
    ATTEMPT, ENVIRONMENT, HOST_NAME, Limits, RETIRED, RETIRED_VOLUME, RUN, VOLUME, container_name,
    environment, is_volume, network_name, of, of_network, of_retired, of_volume, ports, read,
    retired, volumes,
};

pub(crate) fn key() -> InstanceKey {
    let id = |n: u128| Uuid::from_u128(0x0193_5000_0000_7000_8000_0000_0000_0000 + n);
    InstanceKey {
        runner_id: RunnerId::from_uuid(id(1)),
        deployment_id: DeploymentId::from_uuid(id(2)),
        release_id: ReleaseId::from_uuid(id(3)),
        instance_id: InstanceId::from_uuid(id(4)),
        attempt: None,
    }
}

fn instance(key: InstanceKey, spec: RunnerSpec) -> InstanceSpec {
    InstanceSpec {
        key,
        spec,
        image_digest: ImageDigest::sha256([0; 32]),
        expected_volumes: Vec::new(),
        network: None,
    }
}

pub(crate) fn owner() -> Owner {
    Owner::new(OwnerKey::from_secret(b"of the tests"))
}

#[test]
fn an_instance_is_known_by_its_labels() {
    let listens = [
        Port::http(80),
        Port {
            number: 53,
            protocol: Protocol::Udp,
        },
    ];
    let volume = VolumeId::from_uuid(Uuid::from_u128(5));
    let spec = RunnerSpec {
        ports: listens.into(),
        volumes: vec![VolumeMount {
            volume_id: volume,
            path: ContainerPath::trusted("/data"),
        }],
        ..RunnerSpec::of_image(ImageReference::trusted("app"))
    };
    let labels = of(
        &owner(),
        &instance(key(), spec.clone()),
        Limits::of(&spec, None),
    );
    assert_eq!(read(&owner(), &labels, None), Some(key()));
    assert_eq!(ports(&labels), listens);
    assert_eq!(volumes(&labels), [volume]);
}

#[test]
fn with_any_label_changed_or_under_another_key_it_is_not_ours() {
    let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
    let labels = of(
        &owner(),
        &instance(key(), spec.clone()),
        Limits::of(&spec, None),
    );
    for name in labels.keys() {
        let mut changed = labels.clone();
        // Those of an attempt are empty here.
        if changed.remove(name).is_some_and(|value| !value.is_empty()) {
            assert_eq!(read(&owner(), &changed, None), None, "without {name}");
        }
        if [ATTEMPT, HOST_NAME].contains(&name.as_str()) {
            continue;
        }
        changed.insert(name.clone(), RunnerId::from_uuid(Uuid::nil()).to_string());
        assert_eq!(read(&owner(), &changed, None), None, "another {name}");
    }
    let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
    assert_eq!(read(&other, &labels, None), None);
}

#[test]
fn an_attempt_is_known_by_its_labels_and_an_image_makes_none() {
    let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
    let attempt = InstanceKey {
        attempt: Some(AttemptKey {
            run_id: Uuid::from_u128(7).into(),
            number: 2,
        }),
        ..key()
    };
    let labels = of(
        &owner(),
        &instance(attempt, spec.clone()),
        Limits::of(&spec, None),
    );
    assert_eq!(read(&owner(), &labels, None), Some(attempt));
    let mut other = labels.clone();
    other.insert(ATTEMPT.to_owned(), "3".to_owned());
    assert_eq!(read(&owner(), &other, None), None);
    // The engine adds an image's labels to a container that does not have them.
    let labels = of(
        &owner(),
        &instance(key(), spec.clone()),
        Limits::of(&spec, None),
    );
    assert!(labels.contains_key(RUN) && labels.contains_key(ATTEMPT));
}

#[test]
fn the_network_of_a_container_is_covered_by_its_mark() {
    let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
    let limits = Limits::of(&spec, None);
    let joined = InstanceNetwork {
        environment_id: EnvironmentId::from_uuid(Uuid::from_u128(8)),
        host_name: Some(ResourceName::trusted("api")),
    };
    let of_joined = InstanceSpec {
        network: Some(joined.clone()),
        ..instance(key(), spec.clone())
    };
    let labels = of(&owner(), &of_joined, limits);
    assert_eq!(read(&owner(), &labels, None), Some(key()));
    assert_eq!(super::joined(&labels), Some(joined));
    for (name, other) in [
        (ENVIRONMENT, Uuid::from_u128(9).to_string()),
        (ENVIRONMENT, String::new()),
        (HOST_NAME, "web".to_owned()),
    ] {
        let mut changed = labels.clone();
        changed.insert(name.to_owned(), other);
        assert_eq!(read(&owner(), &changed, None), None, "another {name}");
    }
    // A container of a version that knew no networks has none of these labels.
    let mut older = of(&owner(), &instance(key(), spec), limits);
    older.remove(ENVIRONMENT);
    older.remove(HOST_NAME);
    assert_eq!(read(&owner(), &older, None), Some(key()));
    assert_eq!(super::joined(&older), None);
}

#[test]
fn a_network_is_one_runners_and_one_environments_only() {
    let (mine, place) = (
        key().runner_id,
        EnvironmentId::from_uuid(Uuid::from_u128(8)),
    );
    let labels = of_network(&owner(), mine, place);
    let read = |owner: &Owner, labels, runner_id| environment(owner, labels, runner_id, None);
    assert_eq!(read(&owner(), &labels, mine), Some(place));
    let other = RunnerId::from_uuid(Uuid::from_u128(6));
    assert_eq!(read(&owner(), &labels, other), None);
    let hostile = Owner::new(OwnerKey::from_secret(b"of another runner"));
    assert_eq!(read(&hostile, &labels, mine), None);
    let mut moved = labels.clone();
    moved.insert(ENVIRONMENT.to_owned(), Uuid::from_u128(9).to_string());
    assert_eq!(read(&owner(), &moved, mine), None);

    let name = network_name(&owner(), mine, place);
    assert_ne!(name, network_name(&hostile, mine, place));
    assert_ne!(name, network_name(&owner(), other, place));
    assert!(!name.contains(&place.to_string()[24..]), "{name}");
}

#[test]
fn a_mark_of_one_kind_is_none_of_another() {
    let volume = VolumeId::from_uuid(Uuid::from_u128(5));
    let mut labels = of_volume(&owner(), key().runner_id, volume);
    let until = Timestamp::from_micros(1).to_string();
    labels.insert(RETIRED.to_owned(), until);
    labels.insert(RETIRED_VOLUME.to_owned(), volume.to_string());
    assert_eq!(retired(&owner(), &labels, None), None);
    let spec = RunnerSpec::of_image(ImageReference::trusted("app"));
    let mut labels = of(
        &owner(),
        &instance(key(), spec.clone()),
        Limits::of(&spec, None),
    );
    labels.insert(VOLUME.to_owned(), volume.to_string());
    assert!(!is_volume(
        &owner(),
        &labels,
        (key().runner_id, volume),
        None
    ));
}

#[test]
fn a_volume_is_one_runners_only() {
    let volume = VolumeId::from_uuid(Uuid::from_u128(5));
    let mine = key().runner_id;
    let labels = of_volume(&owner(), mine, volume);
    assert!(is_volume(&owner(), &labels, (mine, volume), None));
    let other = RunnerId::from_uuid(Uuid::from_u128(6));
    assert!(!is_volume(&owner(), &labels, (other, volume), None));
    let another = VolumeId::from_uuid(Uuid::from_u128(6));
    assert!(!is_volume(&owner(), &labels, (mine, another), None));
    assert!(!is_volume(&owner(), &[].into(), (mine, volume), None));
    let hostile = Owner::new(OwnerKey::from_secret(b"of another runner"));
    assert!(!is_volume(&hostile, &labels, (mine, volume), None));
}

#[test]
fn a_note_says_until_when_and_is_one_runners_only() {
    let volume_id = VolumeId::from_uuid(Uuid::from_u128(5));
    let until = Timestamp::from_micros(1_700_000_000_000_001);
    let labels = of_retired(&owner(), key().runner_id, volume_id, until);
    let read = retired(&owner(), &labels, None);
    assert_eq!(read, Some(RetiredVolume { volume_id, until }));
    let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
    assert_eq!(retired(&other, &labels, None), None);
}

#[test]
fn a_containers_name_is_stable_and_reveals_nothing() {
    let name = container_name(&owner(), &key());
    assert_eq!(name, container_name(&owner(), &key()));
    assert!(name.starts_with("berth-") && name.len() == 30, "{name}");
    let other = Owner::new(OwnerKey::from_secret(b"of another runner"));
    assert_ne!(name, container_name(&other, &key()));
    let another = InstanceKey {
        instance_id: InstanceId::from_uuid(Uuid::nil()),
        attempt: None,
        ..key()
    };
    assert_ne!(name, container_name(&owner(), &another));
}
