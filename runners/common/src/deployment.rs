//! One deployment: what the server wants of it is made true, again and again.
//!
//! The task knows one wish at a time. A newer one stops whatever is being done for the older one,
//! at any await point; what that left behind is found on the platform and dealt with, so nothing
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

/// What should be true of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wish {
    /// The server has not said yet: everything stays as it is.
    Untold,
    /// There is no such deployment: nothing of it stays.
    Absent,
    /// This.
    Workload(Arc<Workload>),
}

/// How a round of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// All is as it should be until something changes.
    Settled,
    /// Something is left to do; look again after this long, or when something changes.
    Again(Duration),
    /// Nothing is left of the deployment, and nothing should be.
    Gone,
}

/// Tends a deployment until nothing of it is left and nothing should be. Gives back where it heard so,
/// for it may have heard something else since.
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
            // It was told while something else woke this up.
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
        // What the worker saw may be old by now, so it is that which is compared.
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

/// Tells which generation is worked on, once it is sure that no restart of this process goes back to
/// an older one: whoever hears of it relies on that.
async fn announce<R>(context: &Context<R>, id: DeploymentId, wish: &Wish) -> Infallible {
    if let Wish::Workload(workload) = wish {
        context.memory.kept().await;
        context.board.work_on(id, workload.generation);
    }
    pending().await
}

/// Waits until something else is wanted; none when nobody will want anything any more.
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

/// Repeats the last report while the same release is still on its way: what was told may come with a
/// new link, whose server missed it.
fn repeat_to(told: &Wish, before: &Wish, reporter: &Reporter) {
    if is_same_attempt(before, told) {
        reporter.repeat();
    }
}

/// True when both ask for the same attempt at a release. The server fills in what it learned from
/// reports, such as the digest of the image, so the two need not be equal.
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
