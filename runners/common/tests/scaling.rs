//! Another number of instances, and what the loop knows of those that are there.

use models::deployment::{Instance, InstanceState};
use runner_common::conformance::{
    App, Rig,
    fake::FakePlatform,
    rig::{next, now_live},
};

fn restarts(instance: &Instance) -> Option<u32> {
    match instance.state {
        InstanceState::CrashLoop { restarts, .. } => Some(restarts),
        _ => None,
    }
}

#[tokio::test]
async fn a_crash_loop_is_not_forgiven_because_there_are_more_instances() {
    let platform = FakePlatform::default();
    let mut rig = Rig::start(&platform).await;
    let mut link = rig.first_link().await;
    let mut app = now_live(&rig.workload(App::Ends, None));
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
    rig.finish(link, &[&app]).await;
}
