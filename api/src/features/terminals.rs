//! Terminals that people have open on this server.

use models::UserId;

use crate::keyed_limit::{KeyedLimit, KeyedPermit};

/// The number of open terminals, by person.
#[derive(Debug, Default)]
pub struct Terminals(KeyedLimit);

impl Terminals {
    /// Counts one more terminal, until the permit is dropped.
    ///
    /// Returns `None` if that would exceed `max`.
    pub fn try_open(&self, user_id: UserId, max: usize) -> Option<KeyedPermit> {
        self.0.try_acquire(user_id, max)
    }
}
