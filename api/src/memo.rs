//! Answers that are dear to work out and may be a little old.

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

/// Answers by key, each worked out once in a while however many ask.
///
/// Time is the caller's, so that tests can move it. A failure is not kept: whoever waited tries
/// again.
pub struct Memo<K, V> {
    fresh_ms: i64,
    answers: Mutex<HashMap<K, Answer<V>>>,
}

/// An answer, or somebody who works it out.
struct Answer<V> {
    begun_at: Timestamp,
    value: Arc<OnceCell<V>>,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Keeps answers for so many milliseconds.
    pub fn new(fresh_ms: i64) -> Self {
        Self {
            fresh_ms,
            answers: Mutex::default(),
        }
    }

    /// The answer for a key; unless a fresh one is there or under way it is worked out by this future.
    ///
    /// # Errors
    /// That of working it out.
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
        // Nothing panics while it is held.
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes nothing last.
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
