//! How many of something each person has open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use models::UserId;

/// Who has how many. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Seats(Arc<Mutex<HashMap<UserId, usize>>>);

/// One of them, given up when it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Seats,
    user_id: UserId,
}

impl Seats {
    /// One more for this person; none when that would be too many.
    pub fn take(&self, user_id: UserId, max: usize) -> Option<Seat> {
        let mut taken = self.lock();
        let count = taken.entry(user_id).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Seat {
            seats: self.clone(),
            user_id,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        // Counts are whole numbers: sound even after a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        if let Some(count) = taken.get_mut(&self.user_id) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.user_id);
            }
        }
    }
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
