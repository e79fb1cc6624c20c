//! The reconcile loop of one deployment.
//!
//! The task knows one desired state at a time. A newer one cancels the work for the older one
//! at any await point. Leftovers show up on the platform and are dealt with there, so nothing
//! here needs to be undone in order.

mod attempt;
mod bring_up;
mod crash;
mod failure;
mod fall_back;
mod keep;
mod liveness;
mod make_room;
mod probe;
mod report;
mod resolve;
mod take_down;
mod task;
mod verify;
mod worker;

use std::{convert::Infallible, future::pending, sync::Arc, time::Duration};

use models::{DeploymentId, runner::Workload};
use tokio::{sync::watch, time::sleep};

use self::{report::Reporter, worker::Worker};
use crate::{context::Context, runner::Runner};

/// The desired state of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// Not received from the server yet: everything stays as it is.
    Untold,
    /// No such deployment: everything of it is removed.
    Absent,
    /// This workload.
    Workload(Arc<Workload>),
}

/// Result of one reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Converged until something changes.
    Settled,
    /// Work is left: reconcile again after this long, or when something changes.
    Again(Duration),
    /// The deployment is removed, as desired.
    Gone,
}

/// Reconciles a deployment until it is removed.
///
/// Returns the receiver of the desired state, since a newer one may have arrived meanwhile.
pub(crate) async fn tend<R: Runner>(
    context: Arc<Context<R>>,
    id: DeploymentId,
    mut wishes: watch::Receiver<Wish>,
) -> watch::Receiver<Wish> {
    let reporter = Arc::new(Reporter::new(Arc::clone(&context.outbox), id));
    let mut views = context.observer.views();
    let mut worker = Worker::new(Arc::clone(&context), id, Arc::clone(&reporter));
    let alarm = worker.liveness.alarm();
    let mut before = Wish::Untold;
    loop {
        let wish = {
            let told = wishes.borrow_and_update();
            // The desired state changed while something else woke this task up.
            if told.has_changed() {
                repeat_to(&told, &before, &reporter);
            }
            told.clone()
        };
        before.clone_from(&wish);
        let round = tokio::select! {
            biased;
            wanted = another(&mut wishes, &wish, &reporter) => match wanted {
                Some(()) => continue,
                None => return wishes,
            },
            round = worker.work(&wish) => round,
            never = announce(&context, id, &wish) => match never {},
        };
        let pause = match round {
            Round::Settled => Duration::MAX,
            Round::Again(pause) => pause,
            Round::Gone => {
                worker.forget();
                return wishes;
            }
        };
        // The worker's listing may be old by now, so newer snapshots are compared with it.
        tokio::select! {
            wanted = another(&mut wishes, &wish, &reporter) => if wanted.is_none() { return wishes },
            changed = views.wait_for(|view| view.of(id) != worker.seen()) => {
                if changed.is_err() { return wishes }
            }
            () = alarm.notified() => {}
            never = announce(&context, id, &wish) => match never {},
            () = sleep(pause) => {}
        }
    }
}

/// Reports the generation that is being reconciled, once its desired state is saved.
///
/// The server relies on the report: no restart of this process may go back to an older
/// generation.
async fn announce<R>(context: &Context<R>, id: DeploymentId, wish: &Wish) -> Infallible {
    if let Wish::Workload(workload) = wish {
        context.memory.kept().await;
        context.board.work_on(id, workload.generation);
    }
    pending().await
}

/// Waits for another desired state; `None` when no more can arrive.
async fn another(
    wishes: &mut watch::Receiver<Wish>,
    wish: &Wish,
    reporter: &Reporter,
) -> Option<()> {
    loop {
        wishes.changed().await.ok()?;
        let told = wishes.borrow_and_update();
        repeat_to(&told, wish, reporter);
        if *told != *wish {
            return Some(());
        }
    }
}

/// Repeats the last report while the same release is still rolling out.
///
/// The desired state may have come with a new link, whose server missed the report.
fn repeat_to(told: &Wish, before: &Wish, reporter: &Reporter) {
    if is_same_attempt(before, told) {
        reporter.repeat();
    }
}

/// True if both ask for the same rollout.
///
/// The server adds facts from reports, such as the digest of the image, so the two need not be
/// equal.
fn is_same_attempt(before: &Wish, now: &Wish) -> bool {
    let (Wish::Workload(before), Wish::Workload(now)) = (before, now) else {
        return before == now;
    };
    let attempt = |workload: &Workload| {
        let release = workload.release.as_ref();
        (
            workload.generation,
            workload.desired,
            release.map(|release| (release.release_id, release.live)),
        )
    };
    attempt(before) == attempt(now)
}
