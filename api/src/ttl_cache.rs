//! TTL cache for values that are expensive to compute and may be slightly stale.

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use models::time::Timestamp;
use tokio::sync::OnceCell;

/// Cached values by key, each computed at most once per TTL.
///
/// The caller passes the time, so that tests can move it. A failure is not cached: callers that
/// waited try again.
pub struct TtlCache<K, V> {
    ttl_ms: i64,
    entries: Mutex<HashMap<K, Entry<V>>>,
}

/// A cached value, or the computation in progress.
struct Entry<V> {
    begun_at: Timestamp,
    value: Arc<OnceCell<V>>,
}

impl<K: Eq + Hash, V: Clone> TtlCache<K, V> {
    /// Creates a cache that keeps values for so many milliseconds.
    pub fn new(ttl_ms: i64) -> Self {
        Self {
            ttl_ms,
            entries: Mutex::default(),
        }
    }

    /// Returns the value for a key; runs `compute` if none is fresh.
    ///
    /// Callers that ask for a value that is being computed wait for it.
    ///
    /// # Errors
    /// The error of the computation.
    pub async fn get_or_compute<E>(
        &self,
        key: K,
        now: Timestamp,
        compute: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let value = self.value(key, now);
        value.get_or_try_init(|| compute).await.cloned()
    }

    fn value(&self, key: K, now: Timestamp) -> Arc<OnceCell<V>> {
        // Nothing panics while the lock is held.
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        // After a clock was set back, no entry counts as fresh.
        entries.retain(|_, entry| (0..self.ttl_ms).contains(&now.millis_since(entry.begun_at)));
        let entry = entries.entry(key).or_insert_with(|| Entry {
            begun_at: now,
            value: Arc::default(),
        });
        entry.value.clone()
    }
}

impl<K, V> fmt::Debug for TtlCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TtlCache").finish_non_exhaustive()
    }
}
