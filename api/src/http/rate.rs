//! How often one caller may call.

use std::time::Duration;

use governor::{DefaultKeyedRateLimiter, Quota};
use models::endpoint::RateClass;
use uuid::Uuid;

use super::ClientAddress;
use crate::config::{RateLimit, RateLimits};

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// Somebody who is not signed in, by address.
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
}

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
        }
    }

    /// Counts a call and says whether it may go on.
    pub fn allows(&self, class: RateClass, key: RateKey) -> bool {
        self.limiter(class).check_key(&key).is_ok()
    }

    /// Forgets callers that have not called for long enough to have their full burst again.
    pub fn forget_idle(&self) {
        for limiter in [&self.credentials, &self.reads, &self.writes] {
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
