//! Apps that exit by themselves.

use models::deployment::{Instance, InstanceState};

use crate::conformance::{
    App, Harness, InstanceSubject, PORT, Subject,
    harness::{answers_soon, now_live},
};

/// An instance that ended is started again, or replaced by another.
pub async fn an_instance_that_was_killed_is_made_up_for<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;

    harness.kill(&app, before.instance_id).await;
    let is_back = |seen: &[Instance]| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.started_at > before.started_at)
    };
    let after = link.observed("it again", app.deployment_id, is_back).await;
    answers_soon(&after[0].ports).await;
    harness.finish(link, &[&app]).await;
}

/// An instance that should run is restarted.
pub async fn an_app_that_was_killed_is_started_again<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;

    harness.kill(&app, before.instance_id).await;
    let is_back = |seen: &[Instance]| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.started_at > before.started_at)
    };
    let after = link.observed("it again", app.deployment_id, is_back).await;
    answers_soon(&after[0].ports).await;

    // Its second life continues the output of the first, and no line is sent twice.
    while link
        .lines
        .last()
        .is_none_or(|line| line.at == link.lines[0].at)
    {
        link.recv().await;
    }
    let texts: Vec<&str> = link.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["up", "up"]);
    harness.finish(link, &[&app]).await;
}

/// A crash loop is slowed down and reported as such, until someone acts.
pub async fn an_app_that_ends_again_and_again_is_in_a_crash_loop<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    // A release that was live once and no longer works, for example because its database is
    // missing.
    let app = now_live(&harness.workload(App::Ends, None));

    link.change(&app).await;
    let loops = |seen: &[Instance]| {
        matches!(seen, [only] if matches!(
            only.state,
            InstanceState::CrashLoop { code: 3, restarts, .. } if restarts >= 3
        ))
    };
    link.observed("a crash loop", app.deployment_id, loops)
        .await;
    harness.finish(link, &[&app]).await;
}
