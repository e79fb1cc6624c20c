//! Traffic: the instances that requests go to, and the order in which that changes.

use std::{slice, time::Duration};

use models::{
    deployment::{DesiredState, FailureCode, Instance, InstanceState},
    runner::{Route, Workload},
    value::{Hostname, PathPrefix},
};
use tokio::time::Instant;

use crate::{
    Timings,
    conformance::{
        App, Harness, InstanceSubject, Link, Moment, PATIENCE, PORT, Subject,
        harness::{answers, answers_soon, next, now_live, release, release_id},
        quick_timings,
    },
    platform::{InstanceKey, RunnerError},
    traffic::Routing,
};

/// Timings with which a plane that hangs is waited for as long as the case does.
fn patient() -> Timings {
    Timings {
        traffic_timeout: PATIENCE,
        drain_timeout: PATIENCE,
        ..quick_timings()
    }
}

/// Deploys a web app with a route; returns it with its only instance.
async fn deploy<S: Subject>(
    harness: &Harness<'_, S>,
    link: &mut Link,
) -> (Workload, Instance, InstanceKey) {
    let mut app = harness.workload(App::Web, Some(PORT));
    if let Some(release) = &mut app.release {
        release.routes = vec![Route {
            host: Hostname::from("app.example.org".to_owned()),
            path: PathPrefix::root(),
            port: PORT,
        }];
    }
    let (app, instance) = harness.deploy(link, &app).await;
    let key = harness.key(&app, instance.instance_id);
    let is = |routing: &Routing| is_to(routing, &[key]);
    let traffic = &harness.traffic;
    let routing = traffic.routed("the app", app.deployment_id, is).await;
    let release = app.release.as_ref().expect("it has a release");
    assert_eq!(routing.routes, release.routes);
    assert_eq!(routing.targets[0].ports, instance.ports);
    (app, instance, key)
}

/// Returns the workload with another release of the same settings.
fn redeployed(workload: &Workload) -> Workload {
    next(workload, |workload| {
        workload.release = workload.release.take().map(|old| {
            let mut new = release(old.spec);
            new.routes = old.routes;
            new
        });
    })
}

/// True if a routing leads to these instances, with the routes of their release.
fn is_to(routing: &Routing, instances: &[InstanceKey]) -> bool {
    let targets = routing.targets.iter().map(|target| target.instance);
    targets.eq(instances.iter().copied())
        && instances
            .iter()
            .all(|instance| routing.release_id == Some(instance.release_id))
}

/// True for a switch to an instance, among others perhaps.
fn switches_to(moment: &Moment, instance: &InstanceKey) -> bool {
    matches!(moment, Moment::Switch(routing) if routing.has_target(instance))
}

fn is_of(routing: &Routing, workload: &Workload) -> bool {
    routing.release_id == Some(release_id(workload))
}

/// The three moments come in order, and the older instance serves until drained.
pub async fn requests_go_to_verified_instances_and_end_where_they_began<S: Subject>(subject: &S) {
    let mut harness = Harness::start_with(subject, patient()).await;
    let mut link = harness.first_link().await;
    let (app, old, old_key) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let app = redeployed(&app);
    traffic.take_moments();
    traffic.break_it(|faults| faults.drain_hangs = true);
    link.change(&app).await;
    let is_drain = |moment: &Moment| *moment == Moment::Drain(old_key);
    traffic.called("the drain of the old one", is_drain).await;
    let moments = traffic.take_moments().into_iter();
    let rollout = moments.skip_while(|moment| switches_to(moment, &old_key));
    let rollout: Vec<Moment> = rollout.collect();
    let [
        Moment::Ready(ready),
        Moment::Switch(switched),
        Moment::Drain(drained),
    ] = &rollout[..]
    else {
        panic!("the moments of a rollout are {rollout:#?}");
    };
    assert_eq!(ready, switched);
    assert!(is_of(switched, &app) && switched.targets.len() == 1);
    assert!(!switched.targets[0].ports.is_empty(), "{switched:?}");
    assert_eq!(*drained, old_key);
    assert!(answers(&old).await, "it stopped before its requests ended");

    traffic.break_it(|faults| faults.drain_hangs = false);
    link.live(release_id(&app)).await;
    let new = harness.runs(&mut link, &app).await;
    let new = harness.key(&app, new.instance_id);
    assert_eq!(traffic.targets(app.deployment_id), [new]);
    harness.finish(link, &[&app]).await;
}

/// A plane that cannot reach the new instances keeps the old ones.
pub async fn an_unreachable_release_fails_and_leaves_the_running_one_alone<S: Subject>(
    subject: &S,
) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let (app, old, old_key) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let failed = redeployed(&app);
    traffic.take_moments();
    traffic.break_it(|faults| faults.ready = Some(unreachable()));
    link.change(&failed).await;
    fails(&mut link, &failed).await;
    remains(&harness, &mut link, &old, &old_key).await;
    let is_of_failed =
        |moment: &Moment| matches!(moment, Moment::Switch(routing) if is_of(routing, &failed));
    assert!(!traffic.take_moments().iter().any(is_of_failed));
    let back = next(&failed, |back| back.release.clone_from(&app.release));
    link.change(&back).await;
    remains(&harness, &mut link, &old, &old_key).await;
    harness.finish(link, &[&back]).await;
}

/// The previous release gets the requests again, even from the next process.
pub async fn a_switch_that_fails_is_undone<S: Subject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let (app, old, old_key) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let failed = redeployed(&app);
    traffic.break_it(|faults| faults.switch = Some(unreachable()));
    link.change(&failed).await;
    fails(&mut link, &failed).await;
    remains(&harness, &mut link, &old, &old_key).await;
    let code = FailureCode::from("traffic_refused");
    link.error(app.deployment_id, code).await;
    traffic.break_it(|faults| faults.switch = None);
    link.no_error(app.deployment_id).await;

    harness.stop_runner().await;
    link.cut();
    harness.start_runner_alone().await;
    let is_old = |routing: &Routing| is_to(routing, &[old_key]);
    traffic
        .routed("the previous release", app.deployment_id, is_old)
        .await;
    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    let back = next(&failed, |back| back.release.clone_from(&app.release));
    link.set_desired(slice::from_ref(&back)).await;
    remains(&harness, &mut link, &old, &old_key).await;
    harness.finish(link, &[&back]).await;
}

fn unreachable() -> RunnerError {
    RunnerError::platform("traffic_refused".into(), "No request can reach it.").permanent()
}

async fn fails(link: &mut Link, workload: &Workload) {
    let reports = link.reports(release_id(workload)).await;
    let failure = reports.last().and_then(|report| report.failure.clone());
    assert_eq!(
        failure.expect("it says why").code,
        FailureCode::from("traffic_refused")
    );
}

/// Checks that an instance is alone, was not restarted, and has all the traffic.
async fn remains<S: Subject>(
    harness: &Harness<'_, S>,
    link: &mut Link,
    instance: &Instance,
    key: &InstanceKey,
) {
    let is_alone = |seen: &[Instance]| {
        matches!(seen, [only] if only.instance_id == instance.instance_id
            && only.state == InstanceState::Running && only.started_at == instance.started_at)
    };
    link.observed("only the old one", key.deployment_id, is_alone)
        .await;
    let is = |routing: &Routing| is_to(routing, slice::from_ref(key));
    let traffic = &harness.traffic;
    traffic.routed("the old one", key.deployment_id, is).await;
    assert!(answers(instance).await);
}

/// Requests that never end hold up a release until the deadline, and no longer.
pub async fn requests_under_way_end_at_the_deadline<S: Subject>(subject: &S) {
    let drain_timeout = Duration::from_secs(1);
    let timings = Timings {
        drain_timeout,
        ..quick_timings()
    };
    let mut harness = Harness::start_with(subject, timings).await;
    let mut link = harness.first_link().await;
    let (app, _, old_key) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let app = redeployed(&app);
    traffic.break_it(|faults| faults.drain_hangs = true);
    link.change(&app).await;
    let is_switch =
        |moment: &Moment| matches!(moment, Moment::Switch(routing) if is_of(routing, &app));
    traffic.called("the switch", is_switch).await;
    let switched_at = Instant::now();
    let is_gone = |seen: &[Instance]| {
        let is_old = |one: &Instance| one.instance_id == old_key.instance_id;
        !seen.is_empty() && !seen.iter().any(is_old)
    };
    link.observed("the old one's end", app.deployment_id, is_gone)
        .await;
    // The switch was seen a moment after it was made.
    assert!(switched_at.elapsed() > drain_timeout / 2);
    assert!(traffic.take_moments().contains(&Moment::Drain(old_key)));
    harness.runs(&mut link, &app).await;
    traffic.break_it(|faults| faults.drain_hangs = false);
    harness.finish(link, &[&app]).await;
}

/// A plane that ended with the runner's process gets the targets again.
pub async fn a_restarted_runner_sets_the_traffic_again<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let (app, instance, key) = deploy(&harness, &mut link).await;
    link.cut();

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&app)).await;
    remains(&harness, &mut link, &instance, &key).await;
    harness.finish(link, &[&app]).await;
}

/// A dead instance is no target, and its successor is one at its own address.
pub async fn traffic_follows_an_instance_that_was_killed<S: Subject>(subject: &S) {
    let mut harness = Harness::start(subject).await;
    let mut link = harness.first_link().await;
    let (app, before, _) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    traffic.take_moments();
    harness.kill(&app, before.instance_id).await;
    let is_back = |seen: &[Instance]| {
        matches!(seen, [only] if only.state == InstanceState::Running
            && only.started_at > before.started_at)
    };
    let after = link.observed("it again", app.deployment_id, is_back).await;
    answers_soon(&after[0].ports).await;
    let key = harness.key(&app, after[0].instance_id);
    let is_after =
        |routing: &Routing| is_to(routing, &[key]) && routing.targets[0].ports == after[0].ports;
    traffic
        .routed("it at its new address", app.deployment_id, is_after)
        .await;
    let is_empty =
        |moment: &Moment| matches!(moment, Moment::Switch(routing) if routing.targets.is_empty());
    assert!(traffic.take_moments().iter().any(is_empty));
    harness.finish(link, &[&app]).await;
}

/// A stopped or deleted deployment gets no more requests before its instances stop.
pub async fn a_stopping_instance_gets_no_new_requests<S: Subject>(subject: &S) {
    let mut harness = Harness::start_with(subject, patient()).await;
    let mut link = harness.first_link().await;
    let (mut app, mut instance, mut key) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    for desired in [DesiredState::Stopped, DesiredState::Deleted] {
        traffic.break_it(|faults| faults.hang_switches(|routing| routing.release_id.is_none()));
        traffic.take_moments();
        app = next(&app, |app| app.desired = desired);
        link.change(&app).await;
        let nowhere = Moment::Switch(Routing::nowhere(app.deployment_id));
        traffic.called("its end", |moment| *moment == nowhere).await;
        assert!(answers(&instance).await, "it stopped while it got requests");
        traffic.break_it(|faults| faults.hanging_switches = None);
        link.observed("that nothing runs", app.deployment_id, <[_]>::is_empty)
            .await;
        assert_eq!(traffic.targets(app.deployment_id), []);
        let moments = traffic.take_moments();
        let is = |wanted: Moment| moments.iter().position(|moment| *moment == wanted);
        assert!(is(nowhere) < is(Moment::Drain(key)), "{moments:#?}");
        if desired == DesiredState::Stopped {
            app = next(&app, |app| app.desired = DesiredState::Running);
            link.change(&app).await;
            instance = harness.runs(&mut link, &app).await;
            answers_soon(&instance.ports).await;
            key = harness.key(&app, instance.instance_id);
            let is_back = |routing: &Routing| is_to(routing, &[key]);
            traffic.routed("it again", app.deployment_id, is_back).await;
        }
    }
    harness.finish(link, &[]).await;
}

/// A superseded release keeps the traffic until the newer one is verified.
pub async fn a_release_that_is_canceled_after_the_switch_keeps_the_traffic<S: Subject>(
    subject: &S,
) {
    let mut harness = Harness::start_with(subject, patient()).await;
    let mut link = harness.first_link().await;
    let (app, _, oldest) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let canceled = redeployed(&app);
    traffic.break_it(|faults| faults.drain_hangs = true);
    link.change(&canceled).await;
    let is_drain = |moment: &Moment| *moment == Moment::Drain(oldest);
    traffic.called("the drain of the oldest", is_drain).await;
    traffic.take_moments();

    let newest = redeployed(&canceled);
    link.change(&newest).await;
    let is_restored =
        |moment: &Moment| matches!(moment, Moment::Switch(routing) if is_of(routing, &canceled));
    traffic.called("the canceled one again", is_restored).await;
    traffic.break_it(|faults| faults.drain_hangs = false);
    link.live(release_id(&newest)).await;
    let newest = now_live(&newest);
    link.change(&newest).await;
    let instance = harness.runs(&mut link, &newest).await;
    let key = harness.key(&newest, instance.instance_id);
    assert_eq!(traffic.targets(app.deployment_id), [key]);
    for moment in traffic.take_moments() {
        assert!(!switches_to(&moment, &oldest), "{moment:?}");
        let is_gap = matches!(&moment, Moment::Switch(routing) if routing.targets.is_empty());
        assert!(!is_gap, "{moment:?}");
    }
    harness.finish(link, &[&newest]).await;
}

/// A switch that was lost is made by the next process, from the record.
pub async fn a_process_that_ends_before_the_switch_goes_on_with_it<S: Subject>(subject: &S) {
    let mut harness = Harness::start_with_state(subject).await;
    let mut link = harness.first_link().await;
    let (app, _, _) = deploy(&harness, &mut link).await;
    let traffic = harness.traffic.clone();

    let app = redeployed(&app);
    traffic.take_moments();
    let new = app.clone();
    traffic.break_it(|faults| faults.hang_switches(move |routing| is_of(routing, &new)));
    link.change(&app).await;
    let is_switch =
        |moment: &Moment| matches!(moment, Moment::Switch(routing) if is_of(routing, &app));
    traffic.called("the switch", is_switch).await;
    harness.stop_runner().await;
    link.cut();

    traffic.break_it(|faults| faults.hanging_switches = None);
    harness.start_runner_alone().await;
    let is_new = |routing: &Routing| is_of(routing, &app) && routing.targets.len() == 1;
    let routing = traffic
        .routed("the new release", app.deployment_id, is_new)
        .await;

    harness.restart_runner().await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(slice::from_ref(&app)).await;
    link.live(release_id(&app)).await;
    let instance = harness.runs(&mut link, &app).await;
    assert_eq!(
        routing.targets[0].instance,
        harness.key(&app, instance.instance_id)
    );
    harness.finish(link, &[&app]).await;
}

/// The newest instances leave the traffic, then they stop.
pub async fn an_instance_gets_no_requests_before_it_is_scaled_away<S: InstanceSubject>(
    subject: &S,
) {
    let mut harness = Harness::start_with(subject, patient()).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    if let Some(release) = &mut app.release {
        release.spec.max_instances = Some(2);
        release.instances = Some(2);
    }
    let id = app.deployment_id;
    link.change(&app).await;
    link.live(release_id(&app)).await;
    let two = |seen: &[Instance]| seen.len() == 2;
    let seen = link.observed("two", id, two).await;
    let keys = [0, 1].map(|at| harness.key(&app, seen[at].instance_id));
    let traffic = harness.traffic.clone();
    traffic
        .routed("both", id, |routing| is_to(routing, &keys))
        .await;

    let app = next(&now_live(&app), |app| {
        if let Some(release) = &mut app.release {
            release.instances = Some(1);
        }
    });
    traffic.break_it(|faults| faults.drain_hangs = true);
    link.change(&app).await;
    let is_drain = |moment: &Moment| *moment == Moment::Drain(keys[1]);
    traffic.called("the drain of the newest", is_drain).await;
    assert_eq!(traffic.targets(id), [keys[0]]);
    assert!(answers(&seen[1]).await, "it stopped before it drained");
    traffic.break_it(|faults| faults.drain_hangs = false);
    let last = harness.runs(&mut link, &app).await;
    assert_eq!(last.instance_id, keys[0].instance_id);
    harness.finish(link, &[&app]).await;
}
