//! Rate limits per caller.

use std::{
    hash::Hash,
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};

use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock, DefaultClock},
};
use models::{UserId, endpoint::RateClass};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    client::{Account, Client, ClientAddress, DeviceId},
    config::{RateLimit, RateLimits},
    error::AppError,
};

/// The caller that a rate limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// An anonymous caller, by [`ClientAddress::network`].
    Address(ClientAddress),
    /// An authenticated actor.
    Actor(Uuid),
    /// All API tokens of a person together.
    ///
    /// A runaway program must not keep its owner from the page that deletes its token.
    ApiTokens(Uuid),
    /// A browser that signed in to the attempted account before.
    Device(DeviceId),
}

/// Rate limiters, one for each class of endpoints.
#[derive(Debug)]
pub struct RateLimiter {
    credentials: DefaultKeyedRateLimiter<RateKey>,
    reads: DefaultKeyedRateLimiter<RateKey>,
    writes: DefaultKeyedRateLimiter<RateKey>,
    guesses: DefaultKeyedRateLimiter<RateKey>,
    accounts: DefaultKeyedRateLimiter<Account>,
}

/// Burst of user codes that a person may try; after that, one a minute.
///
/// At this rate it takes three hundred years to have an even chance of guessing one of a
/// hundred codes.
const GUESSES: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);

/// Longest wait of a sign-in attempt for its turn; requests time out after 30 s.
const LONGEST_TURN: Duration = Duration::from_secs(10);

impl RateLimiter {
    /// Creates limiters with the configured requests per minute.
    pub fn new(limits: &RateLimits) -> Self {
        let guesses = Quota::per_minute(NonZeroU32::MIN).allow_burst(GUESSES);
        Self {
            credentials: limiter(limits.credentials),
            reads: limiter(limits.reads),
            writes: limiter(limits.writes),
            guesses: DefaultKeyedRateLimiter::keyed(guesses),
            accounts: limiter(limits.account),
        }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// `rate_limited` with the time to wait.
    pub fn check(&self, class: RateClass, key: RateKey) -> Result<(), AppError> {
        let limiter = match class {
            // Counted in `sign_in`, once the account is known.
            RateClass::SignIn => return Ok(()),
            RateClass::Credentials => &self.credentials,
            RateClass::Reads => &self.reads,
            RateClass::Writes => &self.writes,
        };
        check(limiter, &key).map_err(AppError::rate_limited)
    }

    /// Counts a user code that a person tries.
    ///
    /// The limit is per person, from any address, because a code stands for someone else's
    /// host.
    ///
    /// # Errors
    /// `rate_limited` with the time to wait.
    pub fn check_guess(&self, user_id: UserId) -> Result<(), AppError> {
        check(&self.guesses, &RateKey::Actor(user_id.uuid())).map_err(AppError::rate_limited)
    }

    /// Counts a sign-in attempt, and slows it down when the account has many.
    ///
    /// A browser that signed in to the account before is counted by itself, so that nobody else
    /// can lock it out (the device cookies of the OWASP Authentication Cheat Sheet). All others
    /// are counted by address, and together by account over all addresses: they wait for their
    /// turn, and are refused only when the wait would be too long. No account is locked.
    ///
    /// # Errors
    /// `rate_limited` with the time to wait.
    pub async fn sign_in(&self, client: Client, account: Account) -> Result<(), AppError> {
        if let Some(device) = client.device {
            return self.check(RateClass::Credentials, RateKey::Device(device));
        }
        let address = RateKey::Address(client.address.network());
        self.check(RateClass::Credentials, address)?;
        let deadline = Instant::now() + LONGEST_TURN;
        while let Err(wait) = check(&self.accounts, &account) {
            if Instant::now() + wait > deadline {
                return Err(AppError::rate_limited(wait));
            }
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    /// Evicts callers that have been idle long enough to regain their full burst.
    pub fn evict_idle(&self) {
        for limiter in [&self.credentials, &self.reads, &self.writes, &self.guesses] {
            limiter.retain_recent();
        }
        self.accounts.retain_recent();
    }
}

fn limiter<K: Hash + Eq + Clone>(limit: RateLimit) -> DefaultKeyedRateLimiter<K> {
    let quota = Quota::per_minute(limit.per_minute).allow_burst(limit.burst);
    DefaultKeyedRateLimiter::keyed(quota)
}

/// Counts one request for a key; the error is the time to wait.
fn check<K: Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), Duration> {
    let now = DefaultClock::default().now();
    let checked = limiter.check_key(key);
    checked.map_err(|not_until| not_until.wait_time_from(now))
}

/// Rate-limit state of one page rendering.
///
/// All reads of one rendering count as one: what the person asked for, not what the server asks
/// itself.
#[derive(Clone, Debug, Default)]
pub struct PageRateCheck(Arc<OnceLock<Option<Duration>>>);

impl PageRateCheck {
    /// Counts the rendering at its first read; later reads get the same result.
    pub(super) fn check(
        &self,
        count: impl FnOnce() -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let refused = self.0.get_or_init(|| match count() {
            Ok(()) => None,
            Err(error) => Some(error.retry_after().unwrap_or_default()),
        });
        refused.map_or(Ok(()), |wait| Err(AppError::rate_limited(wait)))
    }

    /// Returns the time to wait if the page was refused.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.get().copied().flatten()
    }
}

/// Interval of calls to [`RateLimiter::evict_idle`].
pub const EVICT_INTERVAL: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use super::PageRateCheck;
    use crate::error::AppError;

    #[test]
    fn a_rendering_is_counted_once_however_much_it_reads() {
        let counted = Cell::new(0);
        let rate_check = PageRateCheck::default();
        for _ in 0..5 {
            let read = rate_check.clone().check(|| {
                counted.set(counted.get() + 1);
                Ok(())
            });
            assert!(read.is_ok());
        }
        assert_eq!(counted.get(), 1);
        assert_eq!(rate_check.retry_after(), None);
    }

    #[test]
    fn a_rendering_that_is_refused_is_refused_as_a_whole() {
        let rate_check = PageRateCheck::default();
        let wait = Duration::from_secs(7);
        assert!(
            rate_check
                .check(|| Err(AppError::rate_limited(wait)))
                .is_err()
        );
        assert!(rate_check.check(|| Ok(())).is_err());
        assert_eq!(rate_check.retry_after(), Some(wait));
    }
}
