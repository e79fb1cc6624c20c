//! Measurements of instances, by one task for all, sent to the server.
//!
//! Best effort: without a link nothing is measured, failed measurements are left out, and
//! nothing else waits for them.

mod rates;

use std::sync::Arc;

use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::debug;

use self::rates::Rates;
use crate::{
    context::AgentContext,
    platform::{PlatformInstance, Reconciler},
};

/// Measures running instances at intervals, forever.
pub(crate) async fn sample<R: Reconciler>(context: Arc<AgentContext>, reconciler: Arc<R>) {
    let snapshots = context.informer.snapshots();
    let mut ticks = interval(context.timings.sample);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut rates = Rates::default();
    loop {
        ticks.tick().await;
        let up = if context.outbox.is_open() {
            // A task's usage must not scale its deployment, nor show in its charts.
            let mut running = snapshots.borrow().running();
            running.retain(|instance| instance.key.attempt.is_none());
            running
        } else {
            Vec::new()
        };
        rates.keep_only(&up);
        if !up.is_empty() {
            measure((&context, &*reconciler), &mut rates, &up).await;
        }
    }
}

async fn measure<R: Reconciler>(
    (context, reconciler): (&AgentContext, &R),
    rates: &mut Rates,
    up: &[PlatformInstance],
) {
    let keys: Vec<_> = up.iter().map(|instance| instance.key).collect();
    let measured = match timeout(context.timings.relist, reconciler.stats(&keys)).await {
        Ok(Ok(measured)) => measured,
        // The informer already logs a silent platform at a higher level.
        Ok(Err(error)) => return debug!(%error, "failed to measure the instances"),
        Err(_) => return debug!("measuring the instances timed out"),
    };
    let samples: Vec<_> = measured
        .iter()
        .filter_map(|stats| {
            let instance = up.iter().find(|instance| instance.key == stats.key)?;
            rates.next(instance.started_at, stats)
        })
        .collect();
    if !samples.is_empty() {
        context.outbox.push_samples(&samples);
    }
}
