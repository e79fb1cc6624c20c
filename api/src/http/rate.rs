//! How often one caller may call.

use std::{num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota};
use models::{UserId, endpoint::RateClass};
use uuid::Uuid;

use super::ClientAddress;
use crate::config::{RateLimit, RateLimits};

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Somebody who is not signed in, by [`ClientAddress::network`].
    Address(ClientAddress),
    /// Somebody who is.
    Actor(Uuid),
}

/// One limiter for each class of endpoints.
#[derive(Debug)]
pub struct RateLimiter {
    credentials: DefaultKeyedRateLimiter<RateKey>,
    reads: DefaultKeyedRateLimiter<RateKey>,
    writes: DefaultKeyedRateLimiter<RateKey>,
    guesses: DefaultKeyedRateLimiter<RateKey>,
}

/// How many codes a person may try at once; then it is one a minute. At this rate it takes three
/// hundred years to have an even chance of hitting one of a hundred codes.
const GUESSES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

impl RateLimiter {
    /// Limiters with the configured numbers of calls a minute.
    pub fn new(limits: &RateLimits) -> Self {
        let limiter = |limit: RateLimit| {
            let quota = Quota::per_minute(limit.per_minute).allow_burst(limit.burst);
            DefaultKeyedRateLimiter::keyed(quota)
        };
        Self {
            credentials: limiter(limits.credentials),
            reads: limiter(limits.reads),
            writes: limiter(limits.writes),
            guesses: DefaultKeyedRateLimiter::keyed(
                Quota::per_minute(NonZeroU32::MIN).allow_burst(GUESSES),
            ),
        }
    }

    /// Counts a call and says whether it may go on.
    pub fn allows(&self, class: RateClass, key: RateKey) -> bool {
        self.limiter(class).check_key(&key).is_ok()
    }

    /// Counts a code that a person tries and says whether they may. Their own limit, whatever
    /// address they come from: a code stands for somebody else's machine.
    pub fn allows_guess(&self, user_id: UserId) -> bool {
        let key = RateKey::Actor(user_id.uuid());
        self.guesses.check_key(&key).is_ok()
    }

    /// Forgets callers that have not called for long enough to have their full burst again.
    pub fn forget_idle(&self) {
        for limiter in [&self.credentials, &self.reads, &self.writes, &self.guesses] {
            limiter.retain_recent();
        }
    }

    fn limiter(&self, class: RateClass) -> &DefaultKeyedRateLimiter<RateKey> {
        match class {
            RateClass::Credentials => &self.credentials,
            RateClass::Reads => &self.reads,
            RateClass::Writes => &self.writes,
        }
    }
}

/// How often [`RateLimiter::forget_idle`] should run.
pub const FORGET_INTERVAL: Duration = Duration::from_mins(1);
