//! Apps that end by themselves.

use models::deployment::{Instance, InstanceState};

use crate::conformance::{
    App, PORT, Rig, Subject,
    rig::{answers, now_live},
};

/// What should run is started again.
pub async fn an_app_that_was_killed_is_started_again<S: Subject>(subject: &S) {
    let mut rig = Rig::start(subject).await;
    let mut link = rig.first_link().await;
    let app = rig.workload(App::Web, Some(PORT));
    let (app, before) = rig.deploy(&mut link, &app).await;

    rig.kill(&app, before.instance_id).await;
    let is_back = |seen: &[Instance]| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.started_at > before.started_at)
    };
    let after = link.observed("it again", app.deployment_id, is_back).await;
    assert!(answers(&after[0]).await);

    // Its second life prints on where the first one ended, and nothing is told twice.
    while link
        .lines
        .last()
        .is_none_or(|line| line.at == link.lines[0].at)
    {
        link.hear().await;
    }
    let texts: Vec<&str> = link.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["up", "up"]);
    rig.finish(link, &[&app]).await;
}

/// What cannot stay up is slowed down and called what it is, until somebody does something.
pub async fn an_app_that_ends_again_and_again_is_in_a_crash_loop<S: Subject>(subject: &S) {
    let mut rig = Rig::start(subject).await;
    let mut link = rig.first_link().await;
    // A release that was live once and does not work any more, for example for want of its
    // database.
    let app = now_live(&rig.workload(App::Ends, None));

    link.change(&app).await;
    let loops = |seen: &[Instance]| {
        matches!(seen, [only] if matches!(
            only.state,
            InstanceState::CrashLoop { code: 3, restarts, .. } if restarts >= 3
        ))
    };
    link.observed("a crash loop", app.deployment_id, loops)
        .await;
    rig.finish(link, &[&app]).await;
}
