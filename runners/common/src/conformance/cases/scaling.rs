//! Scaling: another instance count of the same release.

use models::{
    deployment::{Instance, InstanceState},
    runner::Workload,
};

use crate::{
    conformance::{
        App, Harness, InstanceSubject, PORT,
        harness::{next, now_live, release_id},
    },
    platform::{PlatformInstance, PlatformState},
};

/// Returns the workload with another instance count, as autoscaling sets it.
fn scaled(workload: &Workload, count: u16) -> Workload {
    next(workload, |workload| {
        if let Some(release) = &mut workload.release {
            release.instances = Some(count);
        }
    })
}

fn all_run(seen: &[Instance], count: usize) -> bool {
    seen.len() == count && seen.iter().all(|one| one.state == InstanceState::Running)
}

/// True if the instances that remain were not restarted.
fn includes(seen: &[Instance], before: &[Instance]) -> bool {
    before.iter().all(|one| seen.contains(one))
}

/// The newest instances go first, and a runner on its own keeps the last count.
pub async fn instances_come_and_go_without_a_release_and_leave_the_others_alone<
    S: InstanceSubject,
>(
    subject: &S,
) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    if let Some(release) = &mut app.release {
        release.spec.max_instances = Some(3);
    }
    let id = app.deployment_id;
    link.change(&app).await;
    link.live(release_id(&app)).await;
    let app = now_live(&app);
    link.change(&app).await;
    let one = link.observed("one", id, |seen| all_run(seen, 1)).await;

    let app = scaled(&app, 3);
    link.change(&app).await;
    let three = link.observed("three", id, |seen| all_run(seen, 3)).await;
    assert!(includes(&three, &one), "{one:?}, then {three:?}");

    let app = scaled(&app, 2);
    link.change(&app).await;
    let two = link.observed("two", id, |seen| all_run(seen, 2)).await;
    let mut oldest = three;
    oldest.sort_by_key(|instance| instance.instance_id);
    assert!(includes(&two, &oldest[..2]), "{oldest:?}, then {two:?}");

    harness.stop_runner().await;
    link.cut();
    harness.kill(&app, two[0].instance_id).await;
    let runs = |instance: &PlatformInstance| instance.state == PlatformState::Running;
    // Not every platform notices at once, and an instance that is down would be the first to
    // go.
    harness
        .observed_on_platform("one ended", id, |seen| !seen.iter().all(runs))
        .await;
    harness.start_runner_alone().await;
    let both = |seen: &[PlatformInstance]| seen.len() == 2 && seen.iter().all(runs);
    harness
        .observed_on_platform("two without the server", id, both)
        .await;

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    let app = scaled(&app, 1);
    link.change(&app).await;
    let last = link
        .observed("one again", id, |seen| all_run(seen, 1))
        .await;
    assert_eq!(last[0].instance_id, oldest[0].instance_id);
    harness.finish(link, &[&app]).await;
}
