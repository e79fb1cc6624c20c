//! Limits on the number of things that each person, or another key, has open.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use models::UserId;

/// The counts, by key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Seats<K = UserId>(Arc<Mutex<HashMap<K, usize>>>);

/// One unit of a limit, returned when it is dropped.
#[derive(Debug)]
pub struct Seat<K: Hash + Eq = UserId> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    of: K,
}

impl<K> Default for Seats<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq + Clone> Seats<K> {
    /// Takes one more unit for a key; `None` if that would exceed `max`.
    pub fn take(&self, of: K, max: usize) -> Option<Seat<K>> {
        let mut taken = lock(&self.0);
        let count = taken.entry(of.clone()).or_default();
        if *count >= max {
            if *count == 0 {
                taken.remove(&of);
            }
            return None;
        }
        *count += 1;
        Some(Seat {
            taken: self.0.clone(),
            of,
        })
    }
}

impl<K: Hash + Eq> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
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

    use super::Seats;

    #[test]
    fn each_person_has_so_many_and_gets_them_back() {
        let seats = Seats::default();
        let [ada, eve] = [1, 2].map(|id| UserId::from_uuid(Uuid::from_u128(id)));
        let first = seats.take(ada, 2).unwrap();
        let _second = seats.take(ada, 2).unwrap();
        assert!(seats.take(ada, 2).is_none());
        let _others = seats.take(eve, 2).unwrap();
        drop(first);
        let _third = seats.take(ada, 2).unwrap();
        assert!(seats.take(ada, 2).is_none());
        assert!(seats.take(ada, 0).is_none());
    }
}
