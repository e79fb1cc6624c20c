//! Runs on a failing platform, and what went wrong with one-off tasks elsewhere.
//!
//! A link names the report of the same case in another scheduler or engine.

use std::slice;

use models::{
    RunId,
    deployment::{DesiredState, FailureCode, Fault, RestartPolicy},
    run::{RunPhase, RunTerms},
    runner::{RunReport, Workload, WorkloadRun},
    value::Argument,
};
use runner_common::{
    PlatformInstance, RunnerError,
    conformance::{App, FALSE, Harness, Link, SHELL, TRUE, fake::FakePlatform, harness::*},
};
use uuid::Uuid;

/// A time limit that no attempt reaches.
const LONG_MS: i64 = 600_000;

const FOREVER: &[&str] = &[SHELL, "-c", "sleep 100000"];

const fn terms(timeout_ms: i64, retries: u16) -> RunTerms {
    RunTerms {
        timeout_ms,
        retries,
    }
}

fn busy() -> RunnerError {
    RunnerError::platform("platform_busy".into(), "The platform is busy.")
}

/// Returns a run of this program, of a deployment that is not there.
fn run_of(harness: &Harness<'_, FakePlatform>, program: &[&str], terms: RunTerms) -> Workload {
    let mut run = harness.workload(App::Mute, None);
    if let Some(release) = &mut run.release {
        let words = program.iter().copied().map(Argument::trusted);
        release.spec.entrypoint = words.collect();
    }
    run.run = Some(WorkloadRun {
        run_id: RunId::from_uuid(Uuid::now_v7()),
        terms,
        attempts_begun: 0,
    });
    run
}

fn ended(run: &Workload) -> Workload {
    next(run, |run| {
        run.desired = DesiredState::Deleted;
        run.release = None;
    })
}

async fn reaches(link: &mut Link, run: &Workload, phase: RunPhase) -> RunReport {
    let reports = link.run_reports(run, phase).await;
    let [.., last] = &reports[..] else {
        panic!("there is no report");
    };
    last.clone()
}

fn exits(report: &RunReport) -> Vec<(u16, Option<i64>)> {
    let attempts = report.attempts.iter();
    attempts.map(|one| (one.number, one.exit_code)).collect()
}

/// Runs the program on this platform until a phase.
async fn outcome(
    platform: &FakePlatform,
    program: &[&str],
    terms: RunTerms,
    phase: RunPhase,
) -> RunReport {
    let mut harness = Harness::start(platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(&harness, program, terms);
    link.change(&run).await;
    let last = reaches(&mut link, &run, phase).await;
    harness.finish(link, &[&run]).await;
    last
}

#[tokio::test]
async fn an_engine_that_is_away_between_the_image_and_the_start_delays_a_run() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.lists_after_pull.extend([busy(), busy()]));
    let last = outcome(&platform, &[TRUE], terms(LONG_MS, 0), RunPhase::Succeeded).await;
    assert_eq!(exits(&last), [(1, Some(0))]);
}

#[tokio::test]
async fn an_engine_that_neither_creates_nor_removes_for_a_moment_delays_a_run() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.creates.push_back(busy());
        faults.removes.extend([busy(), busy()]);
    });
    let last = outcome(&platform, &[TRUE], terms(LONG_MS, 0), RunPhase::Succeeded).await;
    assert_eq!(exits(&last), [(1, Some(0))]);
}

#[tokio::test]
async fn a_task_goes_on_if_only_the_answer_to_its_start_was_lost() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.lost_starts = 1);
    let last = outcome(
        &platform,
        &[SHELL, "-c", "sleep 1; exit 0"],
        terms(LONG_MS, 0),
        RunPhase::Succeeded,
    )
    .await;
    assert_eq!(exits(&last), [(1, Some(0))]);
    assert_eq!(platform.created(), 1);
}

#[tokio::test]
async fn a_start_of_unknown_effect_is_followed_by_no_other_attempt() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.lost_starts = 1;
        let away = std::iter::repeat_with(busy).take(20);
        faults.lists_after_lost_start.extend(away);
    });
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let program = [SHELL, "-c", "sleep 60; exit 0"];
    let run = run_of(&harness, &program, terms(LONG_MS, 1));
    link.change(&run).await;
    let seen = reaches(&mut link, &run, RunPhase::Running).await;
    platform.vanish(seen.attempts[0].instance_id);
    let last = reaches(&mut link, &run, RunPhase::Failed).await;
    assert_eq!(last.failure.unwrap().code, FailureCode::InstanceRemoved);
    assert_eq!(platform.created(), 1);
    harness.finish(link, &[&run]).await;
}

#[tokio::test]
async fn an_engine_that_never_starts_an_attempt_costs_all_attempts_and_is_not_the_tasks_fault() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.starts.extend(std::iter::repeat_with(busy).take(100)));
    let last = outcome(&platform, &[TRUE], terms(LONG_MS, 2), RunPhase::Failed).await;
    let failure = last.failure.unwrap();
    assert_eq!(failure.fault, Fault::Platform);
    assert_eq!(platform.created(), 3);
}

/// <https://github.com/kubernetes/kubernetes/pull/67859>
#[tokio::test]
async fn a_task_without_retries_is_started_once_whatever_its_app_wants() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut run = run_of(&harness, &[FALSE], terms(LONG_MS, 0));
    // https://github.com/hashicorp/nomad/issues/12930
    run.release.as_mut().unwrap().spec.restart = RestartPolicy::Always;
    link.change(&run).await;
    let last = reaches(&mut link, &run, RunPhase::Failed).await;
    assert_eq!(exits(&last), [(1, Some(1))]);
    assert_eq!(platform.created(), 1);
    let failure = last.failure.unwrap();
    assert_eq!(failure.message, "The task exited with code 1.");
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/kubernetes/kubernetes/issues/102733>
#[tokio::test]
async fn a_task_that_ends_well_when_it_is_stopped_for_its_time_has_failed() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| faults.stop_code = Some(0));
    let last = outcome(&platform, FOREVER, terms(1_000, 1), RunPhase::Failed).await;
    assert_eq!(exits(&last), [(1, Some(0)), (2, Some(0))]);
    assert_eq!(last.failure.unwrap().code, FailureCode::RunTimeout);
}

/// <https://github.com/kubernetes/kubernetes/issues/70251>
#[tokio::test]
async fn attempts_before_a_restart_of_the_runner_count() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(
        &harness,
        &[SHELL, "-c", "sleep 1; exit 3"],
        terms(LONG_MS, 2),
    );
    link.change(&run).await;
    for _ in 0..2 {
        reaches(&mut link, &run, RunPhase::Running).await;
        harness.stop_runner().await;
        link.cut();
        harness.restart_runner().await;
        (link, _) = harness.next_link().await;
        link.set_desired(slice::from_ref(&run)).await;
    }
    let last = reaches(&mut link, &run, RunPhase::Failed).await;
    assert_eq!(exits(&last), [(1, Some(3)), (2, Some(3)), (3, Some(3))]);
    assert_eq!(platform.created(), 3);
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/hashicorp/nomad/issues/5883>
#[tokio::test]
async fn a_runner_that_lost_its_records_reports_a_result_and_does_not_repeat_it() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start(&platform).await;
    let mut link = harness.first_link().await;
    let mut run = run_of(&harness, &[TRUE], terms(LONG_MS, 2));
    link.change(&run).await;
    reaches(&mut link, &run, RunPhase::Succeeded).await;
    harness.stop_runner().await;
    link.cut();
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    run.run.as_mut().unwrap().attempts_begun = 1;
    link.set_desired(slice::from_ref(&run)).await;
    let last = reaches(&mut link, &run, RunPhase::Succeeded).await;
    assert_eq!(exits(&last), [(1, Some(0))]);
    assert_eq!(platform.created(), 1);
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/hashicorp/nomad/issues/17424>
#[tokio::test]
async fn a_task_that_was_ended_while_its_runner_was_away_is_not_tried_again() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(&harness, FOREVER, terms(LONG_MS, 0));
    link.change(&run).await;
    reaches(&mut link, &run, RunPhase::Running).await;
    harness.stop_runner().await;
    link.cut();
    let seen = harness
        .observed_on_platform("its attempt", run.deployment_id, |seen| seen.len() == 1)
        .await;
    platform.kill_for_memory(seen[0].key.instance_id);
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(&[ended(&run)]).await;
    harness
        .observed_on_platform("that it is gone", run.deployment_id, <[_]>::is_empty)
        .await;
    // What comes late from the time before is refused.
    link.change(&run).await;
    let other = run_of(&harness, &[TRUE], terms(LONG_MS, 0));
    link.change(&other).await;
    reaches(&mut link, &other, RunPhase::Succeeded).await;
    assert_eq!(platform.created(), 2);
    harness.finish(link, &[&run, &other]).await;
}

/// <https://github.com/moby/moby/pull/45800>
#[tokio::test]
async fn a_reboot_costs_the_attempt_that_ran_and_the_next_one_follows() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(&harness, FOREVER, terms(LONG_MS, 1));
    link.change(&run).await;
    reaches(&mut link, &run, RunPhase::Running).await;
    harness.stop_runner().await;
    link.cut();
    let seen = harness
        .observed_on_platform("its attempt", run.deployment_id, |seen| seen.len() == 1)
        .await;
    platform.kill_for_memory(seen[0].key.instance_id);
    harness.start_runner_alone().await;
    let second = |seen: &[PlatformInstance]| seen.iter().any(|one| one.state.is_up());
    harness
        .observed_on_platform("the next attempt", run.deployment_id, second)
        .await;
    harness.stop_runner().await;
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&run)).await;
    let last = reaches(&mut link, &run, RunPhase::Running).await;
    assert_eq!(exits(&last), [(1, Some(137)), (2, None)]);
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/kubernetes/kubernetes/issues/46497>
#[tokio::test]
async fn a_task_that_ended_while_its_runner_was_away_has_succeeded_however_late() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(
        &harness,
        &[SHELL, "-c", "sleep 1; exit 0"],
        terms(60_000, 0),
    );
    link.change(&run).await;
    reaches(&mut link, &run, RunPhase::Running).await;
    harness.stop_runner().await;
    link.cut();
    let exited = |seen: &[PlatformInstance]| seen.iter().all(|one| !one.state.is_up());
    harness
        .observed_on_platform("its end", run.deployment_id, exited)
        .await;
    harness.set_clock(2 * 60_000);
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&run)).await;
    let last = reaches(&mut link, &run, RunPhase::Succeeded).await;
    assert_eq!(exits(&last), [(1, Some(0))]);
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/hashicorp/nomad/issues/4299>
#[tokio::test]
async fn a_task_that_succeeded_stays_so_when_its_instance_is_removed_by_hand() {
    let platform = FakePlatform::default();
    let mut harness = Harness::start_with_state(&platform).await;
    let mut link = harness.first_link().await;
    let run = run_of(&harness, &[TRUE], terms(LONG_MS, 2));
    link.change(&run).await;
    let last = reaches(&mut link, &run, RunPhase::Succeeded).await;
    platform.vanish(last.attempts[0].instance_id);
    harness
        .observed_on_platform("that it is gone", run.deployment_id, <[_]>::is_empty)
        .await;
    // The server asks again, as over a new link.
    link.set_desired(slice::from_ref(&run)).await;
    let again = reaches(&mut link, &run, RunPhase::Succeeded).await;
    assert_eq!(exits(&again), [(1, Some(0))]);
    assert_eq!(platform.created(), 1);
    harness.finish(link, &[&run]).await;
}

/// <https://github.com/kubernetes/kubernetes/issues/54870>
#[tokio::test]
async fn a_task_that_runs_out_of_memory_uses_up_its_attempts_like_any_other() {
    let platform = FakePlatform::default();
    platform.break_it(|faults| {
        faults.ends_at_first = 100;
        faults.out_of_memory = true;
    });
    let last = outcome(&platform, &[TRUE], terms(LONG_MS, 1), RunPhase::Failed).await;
    assert_eq!(exits(&last), [(1, Some(137)), (2, Some(137))]);
    assert!(last.attempts.iter().all(|one| one.oom_killed));
    let failure = last.failure.unwrap();
    assert_eq!(failure.code, FailureCode::OutOfMemory);
    assert!(failure.message.contains("the task's memory"), "{failure:?}");
}
