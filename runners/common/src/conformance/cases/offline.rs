//! A runner without its server.

use models::deployment::DesiredState;

use crate::{
    conformance::{
        App, Harness, InstanceSubject, PORT,
        harness::{answers_soon, next},
    },
    platform::{PlatformInstance, PlatformState},
};

/// A runner that starts without its server restarts the instances that should run.
///
/// Stopped ones stay as they are, and when the server is back, nothing is done twice.
pub async fn a_runner_that_starts_offline_starts_the_cached_workloads<S: InstanceSubject>(
    subject: &S,
) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let web = harness.workload(App::Web, Some(PORT));
    let (web, before) = harness.deploy(&mut link, &web).await;
    let [stopped, deleted] = [DesiredState::Stopped, DesiredState::Deleted].map(|desired| {
        let app = harness.workload(App::Mute, None);
        (app, desired)
    });
    let mut gone = Vec::new();
    for (app, desired) in [stopped, deleted] {
        let (app, _) = harness.deploy(&mut link, &app).await;
        let app = next(&app, |app| app.desired = desired);
        link.change(&app).await;
        link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
            .await;
        gone.push(app);
    }
    harness.stop_runner().await;
    link.cut();
    harness.kill(&web, before.instance_id).await;

    harness.start_runner_alone().await;
    let is_back = |seen: &[PlatformInstance]| {
        matches!(seen, [only] if only.key.instance_id == before.instance_id
            && only.state == PlatformState::Running && only.started_at > before.started_at)
    };
    let seen = harness
        .observed_on_platform("it again", web.deployment_id, is_back)
        .await;
    answers_soon(&seen[0].ports).await;
    for app in &gone {
        harness
            .observed_on_platform("that it stays down", app.deployment_id, <[_]>::is_empty)
            .await;
    }

    harness.restart_runner().await;
    let (mut link, seen) = harness.next_link().await;
    let known = seen
        .iter()
        .find(|known| known.deployment_id == web.deployment_id);
    assert_eq!(known.map(|known| known.generation), Some(web.generation));
    link.set_desired(&[web.clone(), gone[0].clone(), gone[1].clone()])
        .await;
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    let after = harness.runs(&mut link, &web).await;
    assert_eq!(after.instance_id, before.instance_id);
    harness.finish(link, &[&web, &other]).await;
}
