//! Scaling, and conditions of the instances that stay.

use std::time::Duration;

use models::deployment::{Instance, InstanceState};
use runner_common::conformance::{
    App, Harness,
    fake::FakePlatform,
    harness::{next, now_live},
};
use tokio::time::{sleep, timeout};

fn restarts(instance: &Instance) -> Option<u32> {
    match instance.state {
        InstanceState::CrashLoop { restarts, .. } => Some(restarts),
        _ => None,
    }
}

#[tokio::test]
async fn a_crash_loop_is_not_forgiven_because_there_are_more_instances() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut app = now_live(&harness.workload(App::Ends, None));
    app.release.as_mut().expect("it has one").spec.max_instances = Some(2);
    link.change(&app).await;
    let loops = |seen: &[Instance]| seen.iter().any(|one| restarts(one) >= Some(3));
    let before = link
        .observed("a crash loop", app.deployment_id, loops)
        .await;

    let app = next(&app, |app| {
        app.release.as_mut().expect("it has one").instances = Some(2);
    });
    link.change(&app).await;
    let both_loop = |seen: &[Instance]| {
        let first = seen
            .iter()
            .find(|one| one.instance_id == before[0].instance_id)
            .expect("it stays");
        assert!(
            !matches!(first.state, InstanceState::Exited { .. }),
            "its ends are counted from the beginning: {first:?}"
        );
        seen.len() == 2 && seen.iter().all(|one| restarts(one).is_some())
    };
    link.observed("two crash loops", app.deployment_id, both_loop)
        .await;
    harness.finish(link, &[&app]).await;
}

#[tokio::test]
async fn five_instances_start_at_a_time() {
    // So long that none of them makes room for another one meanwhile.
    const LONG: Duration = Duration::from_secs(20);
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Mute, None);
    app.release.as_mut().expect("it has one").spec.max_instances = Some(9);
    let (app, _) = harness.deploy(&mut link, &app).await;
    platform.break_it(|faults| faults.slow_start = LONG);
    let app = next(&app, |app| {
        app.release.as_mut().expect("it has one").instances = Some(9);
    });
    link.change(&app).await;
    let five = async {
        while platform.created() < 1 + 5 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG / 2, five).await.expect("five are begun");
    assert_eq!(platform.created(), 1 + 5, "and no more");
}
