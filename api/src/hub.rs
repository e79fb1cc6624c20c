//! The links of runners to this server.
//!
//! A runner has at most one live link over all servers. The lease in its row names the server
//! that holds it, and the link's epoch fences off frames of an older link. Runners that wait
//! for their registration are served here too.

mod exec;
mod link;
mod registration;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use models::RunnerId;
use tokio_util::sync::CancellationToken;

use crate::{app::App, services};

pub use exec::{Exec, ExecEnd, ExecEvent, ExecRequest, ExecUnavailable};
pub use link::run as run_link;
pub use registration::run as run_registration;

use exec::Execs;

/// The interval between lease renewals for all links.
///
/// It is a third of [`crate::store::runner::LEASE_MS`], so that two renewals may fail.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);

/// The links that this server holds.
#[derive(Clone, Debug, Default)]
pub struct Hub {
    links: Arc<Mutex<HashMap<RunnerId, Link>>>,
}

#[derive(Clone, Debug)]
struct Link {
    epoch: i64,
    cut: CancellationToken,
    execs: Arc<Execs>,
}

impl Hub {
    /// True if a runner has a live link to this server.
    pub fn is_connected(&self, runner_id: RunnerId) -> bool {
        self.lock().contains_key(&runner_id)
    }

    /// The number of links to this server.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True if this server has no link.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Runs a program over the link of a runner.
    ///
    /// # Errors
    /// [`ExecUnavailable`] when the runner has no link to this server, or is too busy.
    pub async fn exec(
        &self,
        runner_id: RunnerId,
        request: ExecRequest,
    ) -> Result<Exec, ExecUnavailable> {
        let execs = self.lock().get(&runner_id).map(|link| link.execs.clone());
        exec::open(execs.ok_or(ExecUnavailable::NoLink)?, request).await
    }

    /// Registers a link, until the token is canceled or [`Self::remove`] is called.
    fn insert(&self, runner_id: RunnerId, epoch: i64, execs: Arc<Execs>) -> CancellationToken {
        let cut = CancellationToken::new();
        let link = Link {
            epoch,
            cut: cut.clone(),
            execs,
        };
        if let Some(older) = self.lock().insert(runner_id, link) {
            older.cut.cancel();
        }
        cut
    }

    fn remove(&self, runner_id: RunnerId, epoch: i64) {
        let mut links = self.lock();
        if links
            .get(&runner_id)
            .is_some_and(|link| link.epoch == epoch)
        {
            links.remove(&runner_id);
        }
    }

    /// Closes every link whose lease this server no longer holds.
    fn close_lost_links(&self, before: &HashMap<RunnerId, i64>, held: &[(RunnerId, i64)]) {
        for (runner_id, link) in self.lock().iter() {
            // A link that began after the renewal started is not in its result.
            let was_there = before.get(runner_id) == Some(&link.epoch);
            if was_there && !held.contains(&(*runner_id, link.epoch)) {
                tracing::warn!(runner.id = %runner_id, "another server took over this runner");
                link.cut.cancel();
            }
        }
    }

    fn epochs(&self) -> HashMap<RunnerId, i64> {
        let links = self.lock();
        links.iter().map(|(id, link)| (*id, link.epoch)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunnerId, Link>> {
        // Nothing in this module panics while it holds the lock; the map is whole in any case.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Renews the leases of all links in one write, until the server stops.
pub async fn renew_leases(app: App) {
    let mut ticks = tokio::time::interval(RENEW_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let before = app.hub.epochs();
        if before.is_empty() {
            continue;
        }
        match services::runner::renew_leases(&app).await {
            Ok(held) => app.hub.close_lost_links(&before, &held),
            Err(error) => {
                tracing::warn!(error = %error.chain(), "failed to renew the leases of the runners");
            }
        }
    }
}
