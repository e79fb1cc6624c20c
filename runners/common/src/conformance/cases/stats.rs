//! Resource usage of instances.

use models::{
    deployment::{Instance, InstanceState, RestartPolicy},
    runner::{RunnerFrame, Workload},
};

use crate::{
    InstanceKey, InstancePlatform,
    conformance::{App, Harness, InstanceSubject, PORT, harness::release_id},
};

/// Rates come from counters, so counters must exist and grow.
pub async fn running_instances_are_measured_and_exited_ones_are_not<S: InstanceSubject>(
    subject: &S,
) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, running) = harness.deploy(&mut link, &app).await;
    let mut done = harness.workload(App::Done, None);
    if let Some(release) = &mut done.release {
        release.live = true;
        release.spec.restart = RestartPolicy::Never;
    }
    link.change(&done).await;
    let has_ended = |seen: &[Instance]| matches!(seen, [only] if matches!(only.state, InstanceState::Exited { .. }));
    let ended = link
        .observed("its end", done.deployment_id, has_ended)
        .await;

    let key = |workload: &Workload, instance: &Instance| InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: workload.deployment_id,
        release_id: release_id(workload),
        instance_id: instance.instance_id,
        attempt: None,
    };
    let up = key(&app, &running);
    let missing = key(&done, &running);
    let asked = [up, key(&done, &ended[0]), missing];
    let runner = harness.observer().await;
    let mut before = None;
    for _ in 0..3 {
        let measured = runner.stats(&asked).await.expect("it can be measured");
        let [now] = measured.as_slice() else {
            panic!("not just the one that runs: {measured:?}");
        };
        assert_eq!(now.key, up);
        assert!(now.cpu_nanos > 0 && now.memory_bytes > 0, "{now:?}");
        if let Some(before) = before.replace(*now) {
            let counters = |stats: crate::InstanceStats| {
                [
                    stats.cpu_nanos,
                    stats.network_received_bytes,
                    stats.network_sent_bytes,
                    stats.disk_read_bytes,
                    stats.disk_written_bytes,
                ]
            };
            assert!(now.at > before.at, "{before:?}, then {now:?}");
            let grown = counters(before).into_iter().zip(counters(*now));
            assert!(grown.into_iter().all(|(before, now)| before <= now));
        }
    }

    let told = link
        .until("what the app uses", |frame| match frame {
            RunnerFrame::Stats { samples } => Some(samples.clone()),
            _ => None,
        })
        .await;
    let [sample] = told.as_slice() else {
        panic!("not just the one that runs: {told:?}");
    };
    assert_eq!(sample.instance_id, running.instance_id);
    assert_eq!(sample.deployment_id, app.deployment_id);
    assert_eq!(sample.release_id, release_id(&app));
    assert!(sample.usage.memory_bytes > 0);
    harness.finish(link, &[&app, &done]).await;
}
