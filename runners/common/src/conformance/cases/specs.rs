//! Settings of a specification besides its image and port.

use models::{
    deployment::{
        FailureCode, Fault, Instance, InstanceState, Probe, ProbeKind, ReleasePhase, RestartPolicy,
    },
    runner::{RunnerFile, RunnerSpec, Workload},
    value::{Argument, ContainerPath, FileContent},
};

use crate::conformance::{
    App, FALSE, GREETING, Harness, InstanceSubject, PORT, Subject, TRUE,
    harness::{next, now_live, release, release_id},
};

/// Returns the workload with another specification.
fn with(workload: &Workload, change: impl FnOnce(&mut RunnerSpec)) -> Workload {
    let mut workload = workload.clone();
    if let Some(release) = &mut workload.release {
        change(&mut release.spec);
    }
    workload
}

/// Returns a probe that runs a program, at the shortest interval.
fn exec_probe(program: &str) -> Probe {
    Probe {
        kind: ProbeKind::Command,
        command: vec![Argument::trusted(program)],
        interval_ms: 500,
        failures: 1,
        ..Probe::default()
    }
}

fn all_run(seen: &[Instance], count: usize) -> bool {
    seen.len() == count && seen.iter().all(|one| one.state == InstanceState::Running)
}

/// The wanted number of instances run: lost ones are replaced, surplus ones go.
pub async fn as_many_instances_run_as_are_wanted<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = with(&harness.workload(App::Web, Some(PORT)), |spec| {
        spec.instances = 3;
    });
    link.change(&app).await;
    link.live(release_id(&app)).await;
    assert_eq!(
        link.observation(app.deployment_id).len(),
        3,
        "a release is live when all of its instances work"
    );
    let app = now_live(&app);
    link.change(&app).await;
    let three = link
        .observed("three", app.deployment_id, |seen| all_run(seen, 3))
        .await;

    harness.kill(&app, three[1].instance_id).await;
    let again = |seen: &[Instance]| {
        let started = |one: &Instance| {
            let before = three.iter().find(|b| b.instance_id == one.instance_id);
            before.is_none_or(|before| before.started_at < one.started_at)
        };
        all_run(seen, 3) && seen.iter().filter(|one| started(one)).count() == 1
    };
    link.observed("three again", app.deployment_id, again).await;

    let one = next(&app, |app| {
        let spec = app.release.as_ref().expect("it has a release").spec.clone();
        app.release = Some(release(RunnerSpec {
            instances: 1,
            ..spec
        }));
    });
    link.change(&one).await;
    link.live(release_id(&one)).await;
    harness.runs(&mut link, &one).await;
    harness.finish(link, &[&one]).await;
}

/// Configuration files exist before the app starts.
pub async fn config_files_are_there_before_the_app_starts<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = with(&harness.workload(App::Shows, None), |spec| {
        spec.config_files.push(RunnerFile::new(
            ContainerPath::trusted(GREETING),
            FileContent::trusted("good morning\n"),
        ));
    });
    harness.deploy(&mut link, &app).await;
    while link.lines.is_empty() {
        link.recv().await;
    }
    assert_eq!(link.lines[0].text, "good morning");
    harness.finish(link, &[&app]).await;
}

/// A release whose startup probe fails, fails with the probe's message.
pub async fn a_start_up_probe_decides_whether_a_release_is_live<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = with(&harness.workload(App::Mute, None), |spec| {
        spec.startup_probe = exec_probe(TRUE);
    });
    let (app, _) = harness.deploy(&mut link, &app).await;

    let worse = next(&app, |app| {
        let spec = app.release.as_ref().expect("it has a release").spec.clone();
        app.release = Some(release(RunnerSpec {
            startup_probe: exec_probe(FALSE),
            ..spec
        }));
    });
    link.change(&worse).await;
    let reports = link.reports(release_id(&worse)).await;
    let last = reports.last().expect("it ends");
    assert_eq!(last.phase, ReleasePhase::Failed);
    let failure = last.failure.clone().expect("it says why");
    assert_eq!(failure.code, FailureCode::ProbeFailed);
    assert!(
        failure.message.contains("exited with code 1"),
        "{failure:?}"
    );
    harness.finish(link, &[&worse]).await;
}

/// An app that hangs is restarted like one that exited.
pub async fn an_app_that_does_not_answer_its_liveness_probe_is_started_again<S: InstanceSubject>(
    subject: &S,
) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = with(&harness.workload(App::Mute, None), |spec| {
        spec.liveness_probe = exec_probe(FALSE);
    });
    link.change(&app).await;
    link.live(release_id(&app)).await;
    let app = now_live(&app);
    link.change(&app).await;
    let sick = |seen: &[Instance]| matches!(seen, [one] if one.state == InstanceState::Unhealthy);
    let before = link
        .observed("that it hangs", app.deployment_id, sick)
        .await;
    let again = |seen: &[Instance]| {
        matches!(seen, [one] if one.state == InstanceState::Running
            && one.started_at > before[0].started_at)
    };
    let after = link.observed("it again", app.deployment_id, again).await;

    // The error names the probe, not an exit code.
    let error = link
        .error(app.deployment_id, FailureCode::LivenessProbeFailed)
        .await;
    assert_eq!(error.failure.fault, Fault::User);
    let message = &error.failure.message;
    assert!(message.contains("exited with code 1"), "{message}");
    let of_instance = after[0].error.as_ref().map(|error| &error.failure.code);
    assert_eq!(of_instance, Some(&error.failure.code));
    harness.finish(link, &[&app]).await;
}

/// A job that succeeded does not run twice.
pub async fn an_app_that_is_done_stays_done<S: InstanceSubject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = with(&harness.workload(App::Done, None), |spec| {
        spec.restart = RestartPolicy::OnFailure;
    });
    link.change(&app).await;
    link.live(release_id(&app)).await;
    let app = now_live(&app);
    link.change(&app).await;
    let done = |seen: &[Instance]| matches!(seen, [one] if matches!(one.state, InstanceState::Exited { code: 0, .. }));
    let before = link.observed("its end", app.deployment_id, done).await;
    // A command that changes nothing triggers a reconcile. An app without a port takes longer
    // to be live than the pause before a restart, so a restart would show by then.
    let same = next(&app, |_| {});
    link.change(&same).await;
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    assert_eq!(link.observation(app.deployment_id), before);
    harness.finish(link, &[&same, &other]).await;
}
