//! Trends that were read a moment ago.

use models::{WorkspaceId, api::workspace::ListTrendsResponse, time::Timestamp};

use crate::ttl_cache::TtlCache;

/// Lifetime of cached trends, in milliseconds.
///
/// Each page that shows them asks again after each change in its workspace, while their points
/// stand for minutes.
const TTL_MS: i64 = 15_000;

/// The trends of workspaces, each at most a few seconds old.
#[derive(Debug)]
pub struct Trends(TtlCache<WorkspaceId, ListTrendsResponse>);

impl Default for Trends {
    fn default() -> Self {
        Self(TtlCache::new(TTL_MS))
    }
}

impl Trends {
    /// Returns the trends of a workspace; runs `read` if none are fresh.
    ///
    /// # Errors
    /// The error of `read`.
    pub async fn get_or_read<E>(
        &self,
        workspace_id: WorkspaceId,
        now: Timestamp,
        read: impl Future<Output = Result<ListTrendsResponse, E>>,
    ) -> Result<ListTrendsResponse, E> {
        self.0.get_or_compute(workspace_id, now, read).await
    }
}
