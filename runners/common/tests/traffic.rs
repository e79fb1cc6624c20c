//! Traffic before stops that only the loop over an engine makes.

use models::{
    VolumeId,
    deployment::{Instance, InstanceState, Probe, ProbeKind, VolumeMount},
    runner::Workload,
    value::{Argument, ContainerPath},
};
use runner_common::{
    Routing, Timings,
    conformance::{
        App, DATA, FALSE, Harness, Moment, PATIENCE, PORT,
        fake::FakePlatform,
        harness::{answers, next, release, release_id},
        quick_timings,
    },
};
use uuid::Uuid;

fn patient() -> Timings {
    Timings {
        traffic_timeout: PATIENCE,
        drain_timeout: PATIENCE,
        ..quick_timings()
    }
}

fn is_empty(routing: &Routing) -> bool {
    routing.targets.is_empty()
}

fn empties(moment: &Moment) -> bool {
    matches!(moment, Moment::Switch(routing) if is_empty(routing))
}

#[tokio::test]
async fn an_instance_that_fails_its_liveness_probe_is_withdrawn_and_not_drained() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with(&platform, patient()).await;
    let mut link = harness.first_link().await;
    let traffic = harness.traffic.clone();
    traffic.break_it(|faults| {
        faults.hang_switches(is_empty);
        faults.drain_hangs = true;
    });
    let mut app = harness.workload(App::Web, Some(PORT));
    app.release.as_mut().unwrap().spec.liveness_probe = Probe {
        kind: ProbeKind::Command,
        command: vec![Argument::trusted(FALSE)],
        interval_ms: 500,
        failures: 1,
        ..Probe::default()
    };
    link.change(&app).await;
    link.live(release_id(&app)).await;
    let up = |seen: &[Instance]| matches!(seen, [one] if one.state == InstanceState::Running);
    let before = link.observed("it", app.deployment_id, up).await;
    traffic.called("that it is withdrawn", empties).await;
    assert!(answers(&before[0]).await, "it stopped before");

    traffic.break_it(|faults| faults.hanging_switches = None);
    let again = |seen: &[Instance]| {
        matches!(seen, [one] if one.state == InstanceState::Running
            && one.started_at > before[0].started_at)
    };
    link.observed("it again", app.deployment_id, again).await;
    let is_drain = |moment: &Moment| matches!(moment, Moment::Drain(_));
    assert!(!traffic.take_moments().iter().any(is_drain));
    traffic.break_it(|faults| faults.drain_hangs = false);
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn an_instance_that_frees_its_volume_is_withdrawn_and_drained() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with(&platform, patient()).await;
    let mut link = harness.first_link().await;
    let traffic = harness.traffic.clone();
    let mut app = harness.workload(App::Web, Some(PORT));
    app.release.as_mut().unwrap().spec.volumes = vec![VolumeMount {
        volume_id: VolumeId::from_uuid(Uuid::now_v7()),
        path: ContainerPath::trusted(DATA),
    }];
    let (app, old) = harness.deploy(&mut link, &app).await;
    let old_key = harness.key(&app, old.instance_id);
    let has_old = |routing: &Routing| routing.has_target(&old_key);
    traffic
        .routed("the old one", app.deployment_id, has_old)
        .await;

    let again = |app: &mut Workload| {
        let spec = app.release.as_ref().unwrap().spec.clone();
        app.release = Some(release(spec));
    };
    let app = next(&app, again);
    traffic.break_it(|faults| faults.drain_hangs = true);
    link.change(&app).await;
    let is_drain = |moment: &Moment| *moment == Moment::Drain(old_key);
    traffic.called("the drain of the old one", is_drain).await;
    assert_eq!(traffic.targets(app.deployment_id), []);
    assert!(answers(&old).await, "it stopped before it drained");

    traffic.break_it(|faults| faults.drain_hangs = false);
    link.live(release_id(&app)).await;
    let new = harness.runs(&mut link, &app).await;
    let new = harness.key(&app, new.instance_id);
    assert_eq!(traffic.targets(app.deployment_id), [new]);
    harness.finish(link, &[&app]).await;
}
