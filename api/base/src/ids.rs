//! Ids: UUIDv7 (RFC 9562 §5.7), from the given clock and fresh randomness.

use uuid::{Builder, Uuid};

use crate::{clock::Clock, random};

/// A generator of ids; cheap to clone.
#[derive(Clone, Debug)]
pub struct Ids {
    clock: Clock,
}

impl Ids {
    /// Creates a generator of ids with this clock's time.
    pub const fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// Returns a new, unique id.
    pub fn next(&self) -> Uuid {
        let millis = self.clock.now().micros().div_euclid(1_000);
        let millis = u64::try_from(millis).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random::bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::time::Timestamp;

    use super::{Clock, Ids};

    #[test]
    fn ids_sort_by_the_time_of_the_clock_and_differ_within_it() {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let ids = Ids::new(clock.clone());
        let (first, second) = (ids.next(), ids.next());
        assert_ne!(first, second);
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(first.get_timestamp().unwrap().to_unix().0, 1_700_000_000);
        clock.advance(Duration::from_millis(1));
        assert!(ids.next() > first.max(second));
    }
}
