//! Limits on the number of things that each person, or another key, has open.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use models::UserId;

/// The counts, by key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct KeyedLimit<K = UserId>(Arc<Mutex<HashMap<K, usize>>>);

/// One unit of a limit, returned when it is dropped.
#[derive(Debug)]
pub struct KeyedPermit<K: Hash + Eq = UserId> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    key: K,
}

impl<K> Default for KeyedLimit<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Clone> KeyedLimit<K> {
    /// Takes one more unit for a key; `None` if that would exceed `max`.
    pub fn try_acquire(&self, key: K, max: usize) -> Option<KeyedPermit<K>> {
        let mut taken = lock(&self.0);
        let count = taken.entry(key.clone()).or_default();
        if *count >= max {
            if *count == 0 {
                taken.remove(&key);
            }
            return None;
        }
        *count += 1;
        Some(KeyedPermit {
            taken: self.0.clone(),
            key,
        })
    }
}

impl<K: Hash + Eq> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

fn lock<K>(counts: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    // Counts are plain integers, valid even after a panic.
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use models::UserId;
    use uuid::Uuid;

    use super::KeyedLimit;

    #[test]
    fn each_person_has_so_many_and_gets_them_back() {
        let limit = KeyedLimit::default();
        let [ada, eve] = [1, 2].map(|id| UserId::from_uuid(Uuid::from_u128(id)));
        let first = limit.try_acquire(ada, 2).unwrap();
        let _second = limit.try_acquire(ada, 2).unwrap();
        assert!(limit.try_acquire(ada, 2).is_none());
        let _others = limit.try_acquire(eve, 2).unwrap();
        drop(first);
        let _third = limit.try_acquire(ada, 2).unwrap();
        assert!(limit.try_acquire(ada, 2).is_none());
        assert!(limit.try_acquire(ada, 0).is_none());
    }
}
