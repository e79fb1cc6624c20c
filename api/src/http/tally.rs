//! Warnings that no flood can multiply.

use std::sync::{Mutex, PoisonError};

use models::time::Timestamp;

use crate::client::ClientAddress;

/// Requests whose session cookie fits no session are warned of once in this many milliseconds.
const STRAY_COOKIES_MS: i64 = 60_000;
/// Connections over the limit of their address, likewise.
const CONNECTIONS_MS: i64 = 60_000;
/// Forwarded headers from a peer that is not trusted, likewise: a setting to correct, not an attack.
const FORWARDED_MS: i64 = 3_600_000;

/// Counts events of one kind between two lines of the log.
#[derive(Debug)]
pub struct Tally {
    interval_ms: i64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    count: u64,
    told_at: Option<Timestamp>,
}

impl Tally {
    /// A tally that is told once in an interval.
    pub const fn new(interval_ms: i64) -> Self {
        let state = State {
            count: 0,
            told_at: None,
        };
        Self {
            interval_ms,
            state: Mutex::new(state),
        }
    }

    /// Counts one event, and gives the sum if it is time to tell it.
    pub fn add(&self, now: Timestamp) -> Option<u64> {
        self.count(1, now)
    }

    /// The sum of what was counted since the last time, if there is one and it is time to tell it.
    pub fn due(&self, now: Timestamp) -> Option<u64> {
        self.count(0, now)
    }

    fn count(&self, more: u64, now: Timestamp) -> Option<u64> {
        // Counts are whole numbers: sound even after a panic.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.count = state.count.saturating_add(more);
        let is_early = state
            .told_at
            .is_some_and(|told_at| now.millis_since(told_at) < self.interval_ms);
        if state.count == 0 || is_early {
            return None;
        }
        state.told_at = Some(now);
        Some(std::mem::take(&mut state.count))
    }
}

/// The kinds of events that callers cause as often as they like.
#[derive(Debug)]
pub struct Tallies {
    stray_cookies: Tally,
    connections: Tally,
    forwarded: Tally,
}

impl Default for Tallies {
    fn default() -> Self {
        Self {
            stray_cookies: Tally::new(STRAY_COOKIES_MS),
            connections: Tally::new(CONNECTIONS_MS),
            forwarded: Tally::new(FORWARDED_MS),
        }
    }
}

impl Tallies {
    /// Notes a session cookie that fits no session.
    pub fn stray_cookie(&self, now: Timestamp) {
        warn_of_cookies(self.stray_cookies.add(now));
    }

    /// Notes a connection that was closed because its address has as many as it may.
    pub fn connection_refused(&self, peer: ClientAddress, now: Timestamp) {
        if let Some(count) = self.connections.add(now) {
            tracing::warn!(
                count,
                client.address = %peer.0,
                "connections were closed, the last one from this address: it has as many open as \
                 `server.max_connections_per_address` allows; name a reverse proxy in \
                 `server.trusted_proxies`"
            );
        }
    }

    /// Notes headers of a proxy that is not trusted.
    pub fn forwarded_ignored(&self, peer: ClientAddress, now: Timestamp) {
        if let Some(count) = self.forwarded.add(now) {
            tracing::warn!(
                count,
                client.address = %peer.0,
                "requests with forwarded addresses were counted for their proxy, the last one for \
                 this address: if the proxy is yours, name it in `server.trusted_proxies`; until \
                 then all who come through it share one limit"
            );
        }
    }

    /// Tells what was counted and not told yet; call it now and then.
    pub fn tell(&self, now: Timestamp) {
        warn_of_cookies(self.stray_cookies.due(now));
    }
}

fn warn_of_cookies(count: Option<u64>) {
    if let Some(count) = count {
        tracing::warn!(
            count,
            "requests had a session cookie that fits no session: ended sessions, or somebody guesses"
        );
    }
}

#[cfg(test)]
mod tests {
    use models::time::Timestamp;

    use super::Tally;

    #[test]
    fn six_hundred_events_are_two_lines_that_add_up() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let tally = Tally::new(60_000);
        let told: Vec<u64> = (0..600).filter_map(|n| tally.add(at(n / 100))).collect();
        assert_eq!(told, [1]);
        assert_eq!(tally.due(at(59)), None);
        assert_eq!(tally.due(at(60)), Some(599));
        assert_eq!(tally.due(at(600)), None);
        assert_eq!(tally.add(at(601)), Some(1));
    }
}
