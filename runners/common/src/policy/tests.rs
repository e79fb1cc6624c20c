//! Rules of the host policy, and its file.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use models::{
    deployment::{FailureCode, Fault, Port, Probe, Protocol},
    runner::{HostPolicy, RunnerSpec},
    value::{ImageReference, RegistryPattern},
};
use tempfile::TempDir;

use super::{Load, PolicyError, check, check_exec, check_load, read_policy};
use crate::platform::Retry;

fn spec(instances: u16, cpu_millis: Option<u32>, memory_mib: Option<u32>) -> RunnerSpec {
    let mut spec = RunnerSpec::of_image(ImageReference::trusted("ghcr.io/a/app:1"));
    spec.instances = instances;
    spec.resources.cpu_millis = cpu_millis;
    spec.resources.memory_mib = memory_mib;
    spec
}

/// Returns the key of the rule that refuses a specification; `None` if it may run.
fn refusal(policy: &HostPolicy, spec: &RunnerSpec) -> Option<String> {
    let error = check(policy, spec).err()?;
    assert_eq!(
        (error.code.clone(), error.fault),
        (FailureCode::RefusedByHostPolicy, Fault::User)
    );
    assert_eq!(error.retry, Retry::Never);
    assert!(error.message.contains("policy file"), "{error}");
    Some(error.message)
}

#[test]
fn without_a_policy_everything_may_run() {
    assert_eq!(refusal(&HostPolicy::default(), &spec(50, None, None)), None);
    assert!(check_exec(&HostPolicy::default()).is_ok());
}

#[test]
fn an_image_must_come_from_an_allowed_registry() {
    let policy = |patterns: &[&str]| HostPolicy {
        registries: Some(
            patterns
                .iter()
                .map(|&p| RegistryPattern::trusted(p))
                .collect(),
        ),
        ..HostPolicy::default()
    };
    let app = spec(1, None, None);
    assert_eq!(refusal(&policy(&["docker.io", "ghcr.io/a"]), &app), None);
    for patterns in [&["ghcr.io/ab"][..], &["docker.io"], &[]] {
        let message = refusal(&policy(patterns), &app).unwrap();
        assert!(message.contains("registries") && message.contains("ghcr.io/a/app:1"));
    }
}

#[test]
fn limits_count_all_instances_together_and_no_limit_is_too_much() {
    let policy = HostPolicy {
        max_instances: Some(3),
        max_cpu_millis: Some(1_500),
        max_memory_mib: Some(300),
        ..HostPolicy::default()
    };
    for (instances, cpu, memory, key) in [
        (3, Some(500), Some(100), None),
        (1, Some(1_500), Some(300), None),
        (4, Some(10), Some(16), Some("max_instances")),
        (3, Some(501), Some(100), Some("max_cpu_millis")),
        (1, None, Some(100), Some("max_cpu_millis")),
        (3, Some(500), Some(101), Some("max_memory_mib")),
        (1, Some(500), None, Some("max_memory_mib")),
    ] {
        let message = refusal(&policy, &spec(instances, cpu, memory));
        assert_eq!(message.is_some(), key.is_some(), "{message:?}");
        assert!(message.is_none_or(|message| message.contains(key.unwrap())));
    }
    // A range that may exceed the limit exceeds it from the start.
    let mut range = spec(1, Some(500), Some(100));
    range.max_instances = Some(3);
    assert_eq!(refusal(&policy, &range), None);
    range.max_instances = Some(4);
    assert!(refusal(&policy, &range).unwrap().contains("max_instances"));
    // Values whose product would be small again after an overflow.
    let most = spec(u16::MAX, Some(u32::MAX), Some(u32::MAX));
    let policy = HostPolicy {
        max_instances: None,
        ..policy
    };
    assert!(refusal(&policy, &most).is_some());
}

#[test]
fn a_port_speaks_what_is_published() {
    let policy = HostPolicy {
        protocols: Some(vec![Protocol::Http]),
        ..HostPolicy::default()
    };
    let mut app = spec(1, None, None);
    app.ports = vec![Port::http(80)];
    assert_eq!(refusal(&policy, &app), None);
    app.ports.push(Port {
        number: 53,
        protocol: Protocol::Udp,
    });
    assert!(refusal(&policy, &app).unwrap().contains("protocols"));
}

#[test]
fn commands_may_be_forbidden() {
    let policy = HostPolicy {
        exec: false,
        ..HostPolicy::default()
    };
    let error = check_exec(&policy).unwrap_err();
    assert_eq!(
        (error.code.clone(), error.fault),
        (FailureCode::RefusedByHostPolicy, Fault::User)
    );
    assert!(error.message.contains("exec = true"), "{error}");
}

#[test]
fn a_policy_without_exec_forbids_command_probes_too() {
    let policy = HostPolicy {
        exec: false,
        ..HostPolicy::default()
    };
    let probe = |probe: serde_json::Value| -> Probe { serde_json::from_value(probe).unwrap() };
    let command = probe(serde_json::json!({"kind": "command", "command": ["/bin/true"]}));
    let http = probe(serde_json::json!({"kind": "http", "port": 80}));
    let app = |startup_probe: &Probe, liveness_probe: &Probe| RunnerSpec {
        startup_probe: startup_probe.clone(),
        liveness_probe: liveness_probe.clone(),
        ..spec(1, None, None)
    };
    assert_eq!(refusal(&policy, &app(&http, &http)), None);
    for app in [app(&command, &http), app(&http, &command)] {
        assert!(refusal(&policy, &app).unwrap().contains("exec = true"));
        assert_eq!(refusal(&HostPolicy::default(), &app), None);
    }
}

#[test]
fn the_total_of_a_runner_is_limited_without_a_policy_too() {
    let load = |deployments, instances| Load {
        deployments,
        instances,
    };
    let open = HostPolicy::default();
    assert!(check_load(&open, load(1_000, 2_000)).is_ok());
    assert!(check_load(&open, load(1_001, 1)).is_err());
    assert!(check_load(&open, load(1, 2_001)).is_err());
    let policy = HostPolicy {
        max_deployments: Some(2),
        max_all_instances: Some(3),
        ..open
    };
    assert!(check_load(&policy, load(2, 3)).is_ok());
    for (load, key) in [
        (load(3, 3), "max_deployments"),
        (load(2, 4), "max_all_instances"),
    ] {
        let error = check_load(&policy, load).unwrap_err();
        assert_eq!(error.code, FailureCode::RefusedByHostPolicy);
        assert!(error.message.contains(key), "{error}");
    }
}

/// Writes a file with this text.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("policy.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    (folder, path)
}

#[test]
fn a_policy_file_limits_only_what_it_names() {
    let (_folder, path) = file("registries = [\"ghcr.io/a\"]\nmax_memory_mib = 512\nexec = false");
    let policy = read_policy(Some(&path)).unwrap();
    let expected = HostPolicy {
        registries: Some(vec![RegistryPattern::trusted("ghcr.io/a")]),
        max_memory_mib: Some(512),
        exec: false,
        ..HostPolicy::default()
    };
    assert_eq!(policy, expected);
    let (_folder, empty) = file("");
    assert_eq!(read_policy(Some(&empty)).unwrap(), HostPolicy::default());
}

#[test]
fn a_default_of_memory_counts_as_if_it_were_asked_for() {
    let (_folder, path) = file("max_memory_mib = 512\ndefault_memory_mib = 256");
    let policy = read_policy(Some(&path)).unwrap();
    assert_eq!(refusal(&policy, &spec(2, None, None)), None);
    let message = refusal(&policy, &spec(3, None, None)).unwrap();
    assert!(message.contains("max_memory_mib"), "{message}");
}

#[test]
fn a_wrong_file_stops_the_start_and_names_the_key() {
    for (text, named) in [
        ("regsitries = []", "regsitries"),
        ("exec = \"no\"", "exec"),
        ("max_instances = -1", "max_instances"),
        ("max_memory_mib = 99999999999", "max_memory_mib"),
        ("default_memory_mib = 8", "default_memory_mib"),
        ("registries = [\"ghcr.io\", \"ghcr.io/*\"]", "registries[1]"),
        ("emulated_platforms = [\"arm64\"]", "emulated_platforms[0]"),
        ("protocols = [\"smtp\"]", "protocols"),
        ("[limits]\nmax_instances = 1", "limits"),
    ] {
        let (_folder, path) = file(text);
        let error = read_policy(Some(&path)).unwrap_err();
        assert!(error.to_string().contains(named), "{text}: {error}");
    }
}

#[test]
fn a_file_that_is_missing_or_that_others_may_write_stops_the_start() {
    let (folder, path) = file("");
    let missing = folder.path().join("nothing");
    assert!(matches!(
        read_policy(Some(&missing)),
        Err(PolicyError::File(..))
    ));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    assert!(matches!(
        read_policy(Some(&path)),
        Err(PolicyError::TooOpen(_))
    ));
}
