//! The reconcile task of one workload, whatever its platform.
//!
//! The task knows one desired state at a time. A newer one cancels the work for the older one
//! at any await point. Leftovers show up on the platform and are dealt with there, so nothing
//! here needs to be undone in order.

mod run;
mod worker;

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use models::runner::{Workload, WorkloadId};
use tokio::{sync::watch, time::sleep};

use self::worker::{Next, Worker};
use crate::{
    context::AgentContext, deployment::DeploymentHandle, informer::Snapshot, platform::Reconciler,
    reporter::Reporter,
};

/// The desired state of a workload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Desired {
    /// Not received from the server yet: everything stays as it is.
    Unknown,
    /// No such workload: everything of it is removed.
    Absent,
    /// This workload.
    Present(Arc<Workload>),
}

/// Reconciles a workload until it is removed.
///
/// Returns the receiver of the desired state, since a newer one may have arrived meanwhile.
pub(crate) async fn run_worker<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    id: WorkloadId,
    mut desired_updates: watch::Receiver<Desired>,
) -> watch::Receiver<Desired> {
    let deployment = Arc::new(DeploymentHandle::new(&context, &reconciler, id));
    let reporter = &deployment.reporter;
    let mut snapshots = context.informer.snapshots();
    let mut worker = Worker::new(Arc::clone(&context), reconciler, Arc::clone(&deployment));
    let woken = deployment.waker();
    let mut previous = Desired::Unknown;
    loop {
        let desired = {
            let received = desired_updates.borrow_and_update();
            // The desired state changed while something else woke this task up.
            if received.has_changed() {
                resend_if_same_rollout(&received, &previous, reporter);
            }
            received.clone()
        };
        previous.clone_from(&desired);
        let next = tokio::select! {
            biased;
            wanted = next_desired(&mut desired_updates, &desired, reporter) => match wanted {
                Some(()) => continue,
                None => return desired_updates,
            },
            next = worker.reconcile(&desired) => next,
            never = acknowledge(&context, id, &desired) => match never {},
        };
        let pause = match next {
            Next::Change => Duration::MAX,
            Next::After(pause) => pause,
            Next::Finished => {
                worker.clean_up();
                return desired_updates;
            }
        };
        // The worker's listing may be old by now, so newer snapshots are compared with it.
        let is_news = |newer: &Snapshot| !deployment.has_observed(&newer.of_workload(id));
        tokio::select! {
            wanted = next_desired(&mut desired_updates, &desired, reporter) => {
                if wanted.is_none() { return desired_updates }
            }
            changed = snapshots.wait_for(is_news) => {
                if changed.is_err() { return desired_updates }
            }
            () = woken.notified() => {}
            never = acknowledge(&context, id, &desired) => match never {},
            () = sleep(pause) => {}
        }
    }
}

/// Reports the generation being reconciled, once its desired state is saved.
///
/// The server relies on the report: no restart of this process may go back to an older
/// generation.
async fn acknowledge(context: &AgentContext, id: WorkloadId, desired: &Desired) -> Infallible {
    if let Desired::Present(workload) = desired {
        context.desired_cache.persisted().await;
        if id.run_id.is_none() {
            context
                .status
                .set_observed_generation(id.deployment_id, workload.generation);
        }
    }
    pending().await
}

/// Waits for another desired state; `None` when no more can arrive.
async fn next_desired(
    desired_updates: &mut watch::Receiver<Desired>,
    desired: &Desired,
    reporter: &Reporter,
) -> Option<()> {
    loop {
        desired_updates.changed().await.ok()?;
        let received = desired_updates.borrow_and_update();
        resend_if_same_rollout(&received, desired, reporter);
        if *received != *desired {
            return Some(());
        }
    }
}

/// Repeats the last report while the same release is still rolling out.
///
/// The desired state may have come with a new link, whose server missed the report.
fn resend_if_same_rollout(received: &Desired, previous: &Desired, reporter: &Reporter) {
    if is_same_rollout(previous, received) {
        reporter.resend();
    }
}

/// True if both ask for the same rollout.
///
/// The server adds facts from reports, such as the digest of the image, so the two need not be
/// equal.
fn is_same_rollout(previous: &Desired, now: &Desired) -> bool {
    let (Desired::Present(previous), Desired::Present(now)) = (previous, now) else {
        return previous == now;
    };
    let rollout = |workload: &Workload| {
        let release = workload.release.as_ref();
        (
            workload.generation,
            workload.desired,
            release.map(|release| (release.release_id, release.live)),
        )
    };
    rollout(previous) == rollout(now)
}
