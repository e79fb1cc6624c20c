//! Counted warnings, so that a flood of events does not flood the log.

use std::sync::{Mutex, PoisonError};

use models::time::Timestamp;

use crate::client::ClientAddress;

/// Interval of warnings about session cookies without a session, in milliseconds.
const UNKNOWN_COOKIES_MS: i64 = 60_000;
/// Interval of warnings about connections over an address's limit, in milliseconds.
const CONNECTIONS_MS: i64 = 60_000;
/// Interval of warnings about untrusted forwarding headers, in milliseconds.
///
/// They point to a setting to correct rather than to an attack.
const FORWARDED_MS: i64 = 3_600_000;

/// A counter of events of one kind between two log lines.
#[derive(Debug)]
pub struct LogThrottle {
    interval_ms: i64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    logged_at: Option<Timestamp>,
}

impl LogThrottle {
    /// Creates a throttle that logs once per interval.
    pub const fn new(interval_ms: i64) -> Self {
        let state = State {
            count: 0,
            logged_at: None,
        };
        Self {
            interval_ms,
            state: Mutex::new(state),
        }
    }

    /// Counts one event; returns the total if it is time to report.
    pub fn add(&self, now: Timestamp) -> Option<u64> {
        self.count(1, now)
    }

    /// Returns the total since the last report, if it is not zero and is due.
    pub fn due(&self, now: Timestamp) -> Option<u64> {
        self.count(0, now)
    }

    fn count(&self, more: u64, now: Timestamp) -> Option<u64> {
        // The count is valid even after a panic.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count = state.count.saturating_add(more);
        let is_early = state
            .logged_at
            .is_some_and(|logged_at| now.millis_since(logged_at) < self.interval_ms);
        if state.count == 0 || is_early {
            return None;
        }
        state.logged_at = Some(now);
        Some(std::mem::take(&mut state.count))
    }
}

/// Throttles of the events that clients can cause at will.
#[derive(Debug)]
pub struct LogThrottles {
    unknown_cookies: LogThrottle,
    connections: LogThrottle,
    forwarded: LogThrottle,
}

impl Default for LogThrottles {
    fn default() -> Self {
        Self {
            unknown_cookies: LogThrottle::new(UNKNOWN_COOKIES_MS),
            connections: LogThrottle::new(CONNECTIONS_MS),
            forwarded: LogThrottle::new(FORWARDED_MS),
        }
    }
}

impl LogThrottles {
    /// Counts a session cookie that fits no session.
    pub fn unknown_cookie(&self, now: Timestamp) {
        warn_of_cookies(self.unknown_cookies.add(now));
    }

    /// Counts a connection that was closed because of its address's limit.
    pub fn connection_refused(&self, peer: ClientAddress, now: Timestamp) {
        if let Some(count) = self.connections.add(now) {
            tracing::warn!(
                count,
                client.address = %peer.0,
                "closed connections over the limit of `server.max_connections_per_address`, the \
                 last one from this address; if it is your reverse proxy, add it to \
                 `server.trusted_proxies`"
            );
        }
    }

    /// Counts forwarding headers from an untrusted proxy.
    pub fn forwarded_ignored(&self, peer: ClientAddress, now: Timestamp) {
        if let Some(count) = self.forwarded.add(now) {
            tracing::warn!(
                count,
                client.address = %peer.0,
                "ignored the forwarded addresses of requests from an untrusted proxy, the last one \
                 at this address; if the proxy is yours, add it to `server.trusted_proxies`; until \
                 then, all its clients share one rate limit"
            );
        }
    }

    /// Logs unknown session cookies that are not logged yet; call it regularly.
    pub fn flush(&self, now: Timestamp) {
        warn_of_cookies(self.unknown_cookies.due(now));
    }
}

fn warn_of_cookies(count: Option<u64>) {
    if let Some(count) = count {
        tracing::warn!(
            count,
            "requests had a session cookie that matches no session; sessions ended, or someone is guessing"
        );
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::LogThrottle;

    #[test]
    fn six_hundred_events_are_two_lines_that_add_up() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let throttle = LogThrottle::new(60_000);
        let logged: Vec<u64> = (0..600).filter_map(|n| throttle.add(at(n / 100))).collect();
        assert_eq!(logged, [1]);
        assert_eq!(throttle.due(at(59)), None);
        assert_eq!(throttle.due(at(60)), Some(599));
        assert_eq!(throttle.due(at(600)), None);
        assert_eq!(throttle.add(at(601)), Some(1));
    }
}
