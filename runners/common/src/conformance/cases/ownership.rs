//! Ownership, whatever a server claims.

use models::{
    ExecId, RunnerId, VolumeId,
    deployment::{DesiredState, FailureCode, ReleasePhase, VolumeMount},
    runner::{OpenExec, RunnerFrame, ServerFrame, Workload},
    value::{Argument, ContainerPath},
};
use uuid::Uuid;

use crate::conformance::{
    App, DATA, Harness, Link, PORT, SHELL, Subject,
    harness::{next, release_id},
};
use crate::platform::Platform;

/// A hostile server cannot make its own runner touch another runner's things.
///
/// It welcomes a runner of its own under the other one's id, on the same platform, and so has
/// it ask for everything of that one.
pub async fn a_server_that_names_another_runner_reaches_nothing_of_it<S: Subject>(subject: &S) {
    if !subject.is_shared() {
        return;
    }
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let has_volumes = subject.runner().await.capabilities().volumes;
    let volume_id = VolumeId::from_uuid(Uuid::now_v7());
    let mut app = harness.workload(App::Web, Some(PORT));
    if let (true, Some(release)) = (has_volumes, &mut app.release) {
        let path = ContainerPath::trusted(DATA);
        release.spec.volumes = vec![VolumeMount { volume_id, path }];
    }
    let (app, before) = harness.deploy(&mut link, &app).await;

    let mut other = Harness::start_with_state(subject).await;
    other.server.runner_id = harness.server.runner_id;
    // The first link checks that the runner sees nothing, and sends an empty desired state.
    let mut hostile = other.first_link().await;
    let spied = spy(&mut hostile, &app, before.instance_id).await;
    assert!(spied, "a command ran inside another runner's instance");
    hostile
        .change(&next(&app, |app| app.desired = DesiredState::Deleted))
        .await;
    hostile
        .until("that there is nothing", |frame| match frame {
            RunnerFrame::Removed { deployment_id, .. } => {
                (*deployment_id == app.deployment_id).then_some(())
            }
            _ => None,
        })
        .await;
    if has_volumes {
        keeps_its_volume(&other, &mut hostile, volume_id).await;
    }

    link.change(&app).await;
    let after = harness.runs(&mut link, &app).await;
    assert_eq!(after, before, "what is the other one's was touched");
    other.finish(hostile, &[]).await;
    harness.finish(link, &[&app]).await;
}

/// Tries to run a program inside an instance; returns true if that is refused.
async fn spy(link: &mut Link, app: &Workload, instance_id: models::InstanceId) -> bool {
    let exec_id = ExecId::from_uuid(Uuid::now_v7());
    link.send(ServerFrame::ExecOpen(Box::new(OpenExec {
        exec_id,
        deployment_id: app.deployment_id,
        instance_id,
        command: [SHELL, "-c", "env"].map(Argument::trusted).into(),
        terminal: None,
    })))
    .await;
    link.until("that no program is run", |frame| match frame {
        RunnerFrame::ExecRefused { exec_id: id, .. } if *id == exec_id => Some(true),
        RunnerFrame::ExecExited { exec_id: id, .. } if *id == exec_id => Some(false),
        _ => None,
    })
    .await
}

/// Tries to remove a volume, and to give it to an app.
async fn keeps_its_volume<S: Subject>(
    other: &Harness<'_, S>,
    hostile: &mut Link,
    volume_id: VolumeId,
) {
    hostile
        .send(ServerFrame::RemoveVolumes {
            epoch: hostile.epoch,
            volume_ids: vec![volume_id],
        })
        .await;
    let failure = hostile
        .until("that it is kept", |frame| match frame {
            RunnerFrame::VolumeRemovalFailed { failure, .. } => Some(Some(failure.code.clone())),
            RunnerFrame::VolumeRemoved { .. } => Some(None),
            _ => None,
        })
        .await;
    assert_eq!(failure, Some(FailureCode::VolumeForeign));
    let mut thief = other.workload(App::Web, Some(PORT));
    if let Some(release) = &mut thief.release {
        let path = ContainerPath::trusted(DATA);
        release.spec.volumes = vec![VolumeMount { volume_id, path }];
    }
    hostile.change(&thief).await;
    let reports = hostile.reports(release_id(&thief)).await;
    let last = reports.last().expect("there is a last report");
    let code = last.failure.as_ref().map(|failure| failure.code.clone());
    assert_eq!(
        (last.phase, code),
        (ReleasePhase::Failed, Some(FailureCode::VolumeForeign))
    );
}

/// The first welcome names a runner's id; no later one can change it.
pub async fn a_server_that_changes_the_runners_id_loses_the_link<S: Subject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, before) = harness.deploy(&mut link, &app).await;
    let own = harness.server.runner_id;
    for restarts in [false, true] {
        if restarts {
            harness.restart_runner().await;
        }
        link.cut();
        harness.server.runner_id = RunnerId::from_uuid(Uuid::now_v7());
        harness.server.welcome().await.end().await;
        harness.server.runner_id = own;
        let (next, seen) = harness.next_link().await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].instances, std::slice::from_ref(&before));
        link = next;
    }
    link.set_desired(std::slice::from_ref(&app)).await;
    harness.finish(link, &[&app]).await;
}
