//! The clock, passed in wherever time matters, so that tests can set it.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use models::time::Timestamp;

/// A source of the current time; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
    External(ReadClock),
}

/// The function that an external clock reads.
#[derive(Clone)]
struct ReadClock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl fmt::Debug for ReadClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadClock")
    }
}

impl Clock {
    /// The host's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is advanced, together with all its clones.
    pub fn manual(at: Timestamp) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(at.micros()))))
    }

    /// A clock that reads a function.
    pub fn external(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Source::External(ReadClock(Arc::new(read))))
    }

    /// The current time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(match &self.0 {
            Source::System => match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => micros(since),
                Err(before) => -micros(before.duration()),
            },
            Source::Manual(at) => at.load(Ordering::SeqCst),
            Source::External(clock) => (clock.0)().micros(),
        })
    }

    /// Advances a manual clock; a system clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(at) = &self.0 {
            at.fetch_add(micros(by), Ordering::SeqCst);
        }
    }
}

/// A duration in whole microseconds, saturated at `i64::MAX`.
fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::time::Timestamp;

    use super::Clock;

    #[test]
    fn a_manual_clock_moves_only_when_advanced() {
        let clock = Clock::manual(Timestamp::from_micros(5));
        let clone = clock.clone();
        assert_eq!(clone.now(), Timestamp::from_micros(5));
        clock.advance(Duration::from_millis(2));
        assert_eq!(clone.now(), Timestamp::from_micros(2_005));
    }

    #[test]
    fn the_system_clock_is_in_this_century() {
        let text = Clock::system().now().to_string();
        assert!(text.starts_with("20"), "{text}");
    }
}
