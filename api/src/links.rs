//! The links of runners to this server, and programs run over them.
//!
//! This is the ground floor: services run programs over links, and the tasks that serve a link
//! call services. A runner has at most one live link over all servers. The lease in its row
//! names the server that holds it, and the link's epoch fences off frames of an older link.

mod exec;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use models::RunnerId;
use tokio_util::sync::CancellationToken;

pub use exec::{Exec, ExecEnd, ExecEvent, ExecRequest, ExecUnavailable};

pub(crate) use exec::Execs;

/// The links that this server holds.
#[derive(Clone, Debug, Default)]
pub struct Links {
    links: Arc<Mutex<HashMap<RunnerId, Link>>>,
}

#[derive(Clone, Debug)]
struct Link {
    epoch: i64,
    cut: CancellationToken,
    execs: Arc<Execs>,
}

impl Links {
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
    pub(crate) fn insert(
        &self,
        runner_id: RunnerId,
        epoch: i64,
        execs: Arc<Execs>,
    ) -> CancellationToken {
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

    /// Removes a link, unless a newer one has taken its place.
    pub(crate) fn remove(&self, runner_id: RunnerId, epoch: i64) {
        let mut links = self.lock();
        if links
            .get(&runner_id)
            .is_some_and(|link| link.epoch == epoch)
        {
            links.remove(&runner_id);
        }
    }

    /// Closes every link whose lease this server no longer holds.
    pub(crate) fn close_lost_links(
        &self,
        before: &HashMap<RunnerId, i64>,
        held: &[(RunnerId, i64)],
    ) {
        for (runner_id, link) in self.lock().iter() {
            // A link that began after the renewal started is not in its result.
            let was_there = before.get(runner_id) == Some(&link.epoch);
            if was_there && !held.contains(&(*runner_id, link.epoch)) {
                tracing::warn!(runner.id = %runner_id, "another server took over this runner");
                link.cut.cancel();
            }
        }
    }

    /// The epoch of each link.
    pub(crate) fn epochs(&self) -> HashMap<RunnerId, i64> {
        let links = self.lock();
        links.iter().map(|(id, link)| (*id, link.epoch)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RunnerId, Link>> {
        // Nothing in this module panics while it holds the lock; the map is whole in any case.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
