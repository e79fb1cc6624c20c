//! Runs: tasks that end.

use models::{
    RunId,
    deployment::{DesiredState, FailureCode},
    run::{RunPhase, RunTerms},
    runner::{LogEntry, RunReport, Workload, WorkloadRun},
};
use uuid::Uuid;

use crate::{
    conformance::{App, Harness, InstanceSubject, Link, PORT, Subject, harness::next},
    platform::{InstancePlatform, PlatformInstance},
};

/// A time limit that no run of the suite reaches.
const LONG_MS: i64 = 600_000;

/// Returns a run of a deployment, whose attempts behave like this app.
fn run_of<S: Subject>(
    harness: &Harness<'_, S>,
    deployment: &Workload,
    app: App,
    terms: RunTerms,
) -> Workload {
    Workload {
        deployment_id: deployment.deployment_id,
        run: Some(WorkloadRun {
            run_id: RunId::from_uuid(Uuid::now_v7()),
            terms,
            attempts_begun: 0,
        }),
        ..harness.workload(app, None)
    }
}

const fn once(timeout_ms: i64) -> RunTerms {
    RunTerms {
        timeout_ms,
        retries: 0,
    }
}

fn ended(run: &Workload) -> Workload {
    next(run, |run| {
        run.desired = DesiredState::Deleted;
        run.release = None;
    })
}

async fn report(link: &mut Link, run: &Workload, phase: RunPhase) -> RunReport {
    let reports = link.run_reports(run, phase).await;
    reports.last().expect("there is a last report").clone()
}

/// A run succeeds, and its lines are in the deployment's log.
pub async fn a_run_succeeds_beside_its_deployment<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let web = harness.workload(App::Web, Some(PORT));
    let (web, before) = harness.deploy(&mut link, &web).await;
    let run = run_of(&harness, &web, App::Done, once(LONG_MS));
    link.change(&run).await;

    let last = report(&mut link, &run, RunPhase::Succeeded).await;
    let [attempt] = last.attempts[..] else {
        panic!("{last:?}");
    };
    assert_eq!((attempt.number, attempt.exit_code), (1, Some(0)));
    assert!(attempt.started_at <= attempt.ended_at && attempt.started_at.is_some());
    assert!(last.image_digest.is_some() && last.failure.is_none());
    let is_its = |printed: &&LogEntry| printed.instance_id == attempt.instance_id;
    while link.lines.iter().filter(is_its).count() == 0 {
        link.recv().await;
    }
    let texts: Vec<_> = link.lines.iter().filter(is_its).collect();
    assert_eq!(texts[0].text, "done");

    let run = ended(&run);
    link.change(&run).await;
    let after = harness.runs(&mut link, &web).await;
    assert_eq!(after, before, "the deployment is as it was");
    harness.finish(link, &[&web]).await;
}

/// A failed attempt is followed by another, as often as the run allows.
pub async fn a_run_is_tried_as_often_as_it_allows<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let terms = RunTerms {
        timeout_ms: LONG_MS,
        retries: 2,
    };
    let run = run_of(&harness, &app, App::Ends, terms);
    link.change(&run).await;

    let last = report(&mut link, &run, RunPhase::Failed).await;
    let ends = last.attempts.iter().map(|one| (one.number, one.exit_code));
    let expected = [(1, Some(3)), (2, Some(3)), (3, Some(3))];
    assert_eq!(ends.collect::<Vec<_>>(), expected);
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::AppExited, "{failure:?}");
    let run = ended(&run);
    link.change(&run).await;
    harness.finish(link, &[&app]).await;
}

/// An attempt is stopped when its time is over, and has failed.
pub async fn a_run_that_takes_too_long_is_stopped<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let run = run_of(&harness, &app, App::Mute, once(1_000));
    link.change(&run).await;

    let last = report(&mut link, &run, RunPhase::Failed).await;
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::RunTimeout, "{failure:?}");
    assert!(last.attempts[0].ended_at.is_some());
    harness.finish(link, &[&app]).await;
}

/// A clock that is set back gives no attempt more time.
pub async fn a_run_takes_no_longer_when_the_clock_is_set_back<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let run = run_of(&harness, &app, App::Mute, once(1_500));
    link.change(&run).await;
    report(&mut link, &run, RunPhase::Running).await;
    harness.set_clock(-24 * 60 * 60 * 1_000);

    let last = report(&mut link, &run, RunPhase::Failed).await;
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::RunTimeout, "{failure:?}");
    harness.finish(link, &[&app]).await;
}

/// A fault of the settings ends a run at once, whatever retries it has.
pub async fn a_run_of_a_missing_image_fails_without_an_attempt<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let terms = RunTerms {
        timeout_ms: LONG_MS,
        retries: 5,
    };
    let mut run = run_of(&harness, &app, App::Done, terms);
    if let Some(release) = &mut run.release {
        release.spec.image = subject.missing_image();
    }
    link.change(&run).await;

    let last = report(&mut link, &run, RunPhase::Failed).await;
    assert_eq!(last.attempts, []);
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::ImageNotFound, "{failure:?}");
    harness.finish(link, &[&app]).await;
}

/// A canceled run is stopped, and nothing of it is left.
pub async fn a_canceled_run_leaves_nothing<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let web = harness.workload(App::Web, Some(PORT));
    let (web, before) = harness.deploy(&mut link, &web).await;
    let run = run_of(&harness, &web, App::Mute, once(LONG_MS));
    link.change(&run).await;
    report(&mut link, &run, RunPhase::Running).await;

    link.change(&ended(&run)).await;
    let only_the_app = |seen: &[PlatformInstance]| matches!(seen, [only] if only.key.instance_id == before.instance_id);
    harness
        .observed_on_platform("that it is gone", web.deployment_id, only_the_app)
        .await;
    harness.finish(link, &[&web]).await;
}

/// A restarted runner reports a result that it finds, and does not repeat the run.
pub async fn a_restarted_runner_finds_the_result_of_a_run<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let run = run_of(&harness, &app, App::Done, once(LONG_MS));
    link.change(&run).await;
    let before = report(&mut link, &run, RunPhase::Succeeded).await;
    harness.stop_runner().await;
    link.cut();

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&run)).await;
    let after = report(&mut link, &run, RunPhase::Succeeded).await;
    let ids = |report: &RunReport| {
        let attempts = report.attempts.iter();
        attempts.map(|one| one.instance_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before));
    harness.finish(link, &[&app]).await;
}

/// An attempt whose instance somebody removed is not begun a second time.
pub async fn an_attempt_that_is_gone_is_not_repeated<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let terms = RunTerms {
        timeout_ms: LONG_MS,
        retries: 2,
    };
    let run = run_of(&harness, &app, App::Mute, terms);
    link.change(&run).await;
    report(&mut link, &run, RunPhase::Running).await;
    harness.stop_runner().await;
    link.cut();
    let seen = harness
        .observed_on_platform("its attempt", app.deployment_id, |seen| seen.len() == 1)
        .await;
    let platform = harness.observer().await;
    let key = seen[0].key;
    platform.stop(&key).await.expect("it can be stopped");
    platform.remove(&key).await.expect("it can be removed");

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&run)).await;
    let last = report(&mut link, &run, RunPhase::Failed).await;
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::InstanceRemoved, "{failure:?}");
    harness
        .observed_on_platform("that none is made", app.deployment_id, <[_]>::is_empty)
        .await;
    harness.finish(link, &[&app]).await;
}

/// An attempt that was stopped for its time has failed, after a restart too.
pub async fn a_restarted_runner_knows_that_time_was_over<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let run = run_of(&harness, &app, App::Mute, once(1_000));
    link.change(&run).await;
    report(&mut link, &run, RunPhase::Failed).await;
    harness.stop_runner().await;
    link.cut();

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&run)).await;
    let last = report(&mut link, &run, RunPhase::Failed).await;
    let failure = last.failure.expect("it failed");
    assert_eq!(failure.code, FailureCode::RunTimeout, "{failure:?}");
    harness.finish(link, &[&app]).await;
}

/// A run goes on without the server, which is told the result later.
pub async fn a_run_goes_on_without_its_server<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Mute, None);
    let terms = RunTerms {
        timeout_ms: 1_500,
        retries: 1,
    };
    let run = run_of(&harness, &app, App::Mute, terms);
    link.change(&run).await;
    report(&mut link, &run, RunPhase::Running).await;
    harness.stop_runner().await;
    link.cut();

    harness.start_runner_alone().await;
    let two = |seen: &[PlatformInstance]| seen.len() == 2;
    harness
        .observed_on_platform("a second attempt", app.deployment_id, two)
        .await;
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&run)).await;
    let last = report(&mut link, &run, RunPhase::Failed).await;
    let numbers = last.attempts.iter().map(|one| one.number);
    assert_eq!(numbers.collect::<Vec<_>>(), [1, 2]);
    harness.finish(link, &[&app]).await;
}
