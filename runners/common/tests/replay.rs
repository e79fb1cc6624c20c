//! The replay suite on a runner: a stolen server asks for forbidden things.

use models::{
    deployment::{FailureCode, Fault},
    runner::{MAX_DESIRED_STATE_BYTES, MAX_SERVER_FRAME_BYTES, RunnerSpec, ServerFrame},
    value::Argument,
};
use runner_common::conformance::{App, Harness, fake::FakePlatform, harness::*};
use serde_json::{Value, json};

/// Values that no honest server sends, by their place in a specification.
fn hostile() -> Vec<(&'static str, Value)> {
    let file = |path: &str| json!([{"path": path, "content": ""}]);
    let volume = |path: &str| json!([{"volume_id": uuid::Uuid::nil(), "path": path}]);
    let variable = |name: &str| json!([{"name": name, "value": ""}]);
    let probe = |field: &str, value: Value| {
        let mut probe = json!({"kind": "http", "port": 80, "path": "/"});
        probe[field] = value;
        probe
    };
    let mut hostile = vec![
        ("command", json!(["a\0b"])),
        ("command", json!(vec!["a"; 101])),
        ("environment", json!([{"name": "A", "value": "a\0b"}])),
        ("environment", json!([{"name": "A"}, {"name": "A"}])),
        (
            "environment",
            json!([{"name": "A", "value": "a".repeat(600_000)}]),
        ),
        ("ports", json!([{"number": 0}])),
        ("ports", json!([{"number": 80}, {"number": 80}])),
        ("instances", json!(0)),
        ("instances", json!(u16::MAX)),
        ("resources", json!({"memory_mib": 1})),
        ("resources", json!({"cpu_millis": u32::MAX})),
        ("startup_probe", probe("path", json!("/a\r\nHost: b"))),
        ("startup_probe", probe("command", json!(["a\0b"]))),
        ("liveness_probe", probe("interval_ms", json!(0))),
        ("liveness_probe", probe("port", json!(22))),
        ("stop", json!({"grace_ms": u32::MAX})),
    ];
    for image in [
        "",
        "../../etc;id",
        "-a",
        "$(id)",
        "a b",
        "A",
        "a@sha256:0",
        "http://a/b",
        "a\nb",
        "a\0b",
    ] {
        hostile.push(("image", json!(image)));
    }
    for name in [
        "",
        "1A",
        "A=B",
        "A;id",
        "A\nB=C",
        "A\0",
        "..",
        "é",
        "LD PRELOAD",
    ] {
        hostile.push(("environment", variable(name)));
    }
    for path in [
        "",
        "a",
        "../a",
        "/..",
        "/../../etc/cron.d/a",
        "/a/../../b",
        "/a/./b",
        "//a",
        "/a\0b",
        "/a\nb",
        "C:\\a",
    ] {
        hostile.push(("config_files", file(path)));
        hostile.push(("volumes", volume(path)));
        hostile.push(("working_directory", json!(path)));
    }
    for path in ["/", "/sbin", "/lib64/ld.so", "/usr", "/etc/resolv.conf"] {
        hostile.push(("config_files", file(path)));
        hostile.push(("volumes", volume(path)));
    }
    for path in [
        "/proc/1/root",
        "/proc",
        "/sys/fs",
        "/dev/sda",
        "/proc/self/fd/7",
    ] {
        hostile.push(("config_files", file(path)));
        hostile.push(("volumes", volume(path)));
        hostile.push(("working_directory", json!(path)));
    }
    hostile
}

#[tokio::test]
async fn invalid_workloads_never_reach_the_platform() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    for (place, value) in hostile() {
        let mut app = harness.workload(App::Mute, None);
        let mut spec = serde_json::to_value(&app.release.as_ref().unwrap().spec).unwrap();
        spec[place] = value.clone();
        let spec: RunnerSpec = serde_json::from_value(spec).unwrap();
        app.release = Some(release(spec));
        link.change(&app).await;
        let reports = link.reports(release_id(&app)).await;
        let failure = reports.last().and_then(|report| report.failure.clone());
        let failure = failure.unwrap_or_else(|| panic!("{place} = {value} was taken"));
        let said = (failure.fault, failure.code.clone());
        assert_eq!(
            said,
            (Fault::Platform, FailureCode::WorkloadInvalid),
            "{place} = {value}"
        );
    }
    assert_eq!(platform.created(), 0);
    assert!(platform.pulls().is_empty(), "an image was asked for");
    harness.finish(link, &[]).await;
}

#[tokio::test]
async fn an_invalid_frame_ends_the_link_and_changes_nothing() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let large = json!({"type": "of_the_future", "a": "a".repeat(MAX_SERVER_FRAME_BYTES)});
    for garbage in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "[".repeat(100_000),
        "{\"type\":".repeat(100_000),
        large.to_string(),
        json!({"type": "desired_state"}).to_string(),
        json!({"type": "desired_state", "epoch": 1, "workloads": [{}]}).to_string(),
        json!({"type": "workload_changed", "epoch": 1, "workload": "../.."}).to_string(),
        json!({"type": "remove_volumes", "epoch": 1, "volume_ids": ["../.."]}).to_string(),
        json!({"type": "exec_input", "exec_id": "a", "bytes": "%"}).to_string(),
    ] {
        link.is_closed(&garbage).await;
        let (next, seen) = harness.next_link().await;
        assert_eq!(
            seen[0].instances,
            std::slice::from_ref(&before),
            "{garbage:.80}"
        );
        link = next;
    }
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn frames_of_unknown_programs_are_ignored() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let id = uuid::Uuid::now_v7;
    for _ in 0..1_000 {
        for frame in [
            json!({"type": "exec_input", "exec_id": id(), "bytes": "YQ=="}),
            json!({"type": "exec_credit", "exec_id": id(), "bytes": u32::MAX}),
            json!({"type": "exec_resize", "exec_id": id(), "size": {"columns": 1, "rows": 1}}),
            json!({"type": "exec_close", "exec_id": id()}),
            json!({"type": "logs_acknowledged", "batch": u64::MAX}),
        ] {
            link.send_text(&frame.to_string()).await;
        }
    }
    let epoch = link.epoch;
    link.send(ServerFrame::RemoveVolumes {
        epoch: epoch - 1,
        volume_ids: vec![id().into()],
    })
    .await;
    let app = harness.workload(App::Mute, None);
    let (app, _) = harness.deploy(&mut link, &app).await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn a_server_that_never_finishes_its_parts_loses_the_link() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let (app, before) = harness.deploy(&mut link, &app).await;
    let mut large = harness.workload(App::Mute, None);
    let release = large.release.as_mut().unwrap();
    release.spec.entrypoint = vec![Argument::trusted("a".repeat(15 << 20))];
    let part = json!({
        "type": "desired_state",
        "epoch": link.epoch,
        "workloads": [large],
        "more": true,
    });
    let parts = MAX_DESIRED_STATE_BYTES / (15 << 20);
    for _ in 0..parts {
        link.send_text(&part.to_string()).await;
    }
    link.is_closed(&part.to_string()).await;
    let (mut link, seen) = harness.next_link().await;
    assert_eq!(seen[0].instances, [before], "what runs stays");
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}
