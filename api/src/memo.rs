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
pub struct Memo<K, V> {
    fresh_ms: i64,
    answers: Mutex<HashMap<K, Answer<V>>>,
}

/// A cached value, or the computation in progress.
struct Answer<V> {
    begun_at: Timestamp,
    value: Arc<OnceCell<V>>,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Creates a cache that keeps values for so many milliseconds.
    pub fn new(fresh_ms: i64) -> Self {
        Self {
            fresh_ms,
            answers: Mutex::default(),
        }
    }

    /// Returns the value for a key; computes it with `work_out` if none is fresh.
    ///
    /// Callers that ask for a value that is being computed wait for it.
    ///
    /// # Errors
    /// The error of the computation.
    pub async fn get<E>(
        &self,
        key: K,
        now: Timestamp,
        work_out: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        let value = self.value(key, now);
        value.get_or_try_init(|| work_out).await.cloned()
    }

    fn value(&self, key: K, now: Timestamp) -> Arc<OnceCell<V>> {
        // Nothing panics while the lock is held.
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // After a clock was set back, no entry counts as fresh.
        answers.retain(|_, answer| (0..self.fresh_ms).contains(&now.millis_since(answer.begun_at)));
        let answer = answers.entry(key).or_insert_with(|| Answer {
            begun_at: now,
            value: Arc::default(),
        });
        answer.value.clone()
    }
}

impl<K, V> fmt::Debug for Memo<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").finish_non_exhaustive()
    }
}
