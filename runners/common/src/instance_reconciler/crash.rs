//! Exits of apps, and the times of their restarts.

use std::{collections::HashMap, time::Duration};

use models::{InstanceId, deployment::Failure};
use tokio::time::Instant;

use crate::{
    backoff::Backoff,
    platform::{InstanceKey, PlatformInstance},
    timings::Timings,
};

/// Number of consecutive quick exits that make a crash loop.
const LOOP_AFTER: u32 = 3;

/// Counts the exits of a deployment's instances.
#[derive(Debug)]
pub(super) struct CrashTracker {
    fresh: CrashBackoff,
    backoffs: HashMap<InstanceId, CrashBackoff>,
}

impl CrashTracker {
    pub(super) fn new(timings: &Timings) -> Self {
        Self {
            fresh: CrashBackoff::new(timings),
            backoffs: HashMap::new(),
        }
    }

    /// Records that an instance runs.
    pub(super) fn record_running(&mut self, key: InstanceKey, now: Instant) {
        self.backoff(key).record_running(now);
    }

    /// Records an exit; returns the time of the restart, and true if the exit is new.
    pub(super) fn record_exit(&mut self, key: InstanceKey, now: Instant) -> (Instant, bool) {
        let backoff = self.backoff(key);
        let is_new = backoff.restart_at.is_none();
        (backoff.record_exit(now), is_new)
    }

    /// Records that an instance was started again.
    pub(super) fn record_restart(&mut self, key: InstanceKey, now: Instant) {
        self.backoff(key).record_restart(now);
    }

    /// Records why the reconciler stops an instance.
    ///
    /// This cause overrides the exit code.
    pub(super) fn set_cause(&mut self, key: InstanceKey, cause: Failure) {
        self.backoff(key).cause = Some(cause);
    }

    /// Returns the reason why the reconciler stopped an instance, if it did.
    pub(super) fn cause(&self, key: &InstanceKey) -> Option<Failure> {
        self.backoffs.get(&key.instance_id)?.cause.clone()
    }

    /// Returns when the reported error of a running instance is over.
    ///
    /// `None` if none was reported.
    pub(super) fn recovered_at(&self, key: &InstanceKey) -> Option<Instant> {
        self.backoffs.get(&key.instance_id)?.recovered_at()
    }

    /// Records if an error of an instance is reported and not over yet.
    pub(super) fn set_reported(&mut self, key: InstanceKey, is_reported: bool) {
        self.backoff(key).is_reported = is_reported;
    }

    /// Returns the number of restarts of an instance in a crash loop; `None` otherwise.
    pub(super) fn crash_loop(&self, key: &InstanceKey) -> Option<u32> {
        self.backoffs.get(&key.instance_id)?.crash_loop()
    }

    /// Drops instances that are gone.
    pub(super) fn keep_only(&mut self, present: &[PlatformInstance]) {
        self.backoffs
            .retain(|id, _| present.iter().any(|p| p.key.instance_id == *id));
    }

    fn backoff(&mut self, key: InstanceKey) -> &mut CrashBackoff {
        let Self { fresh, backoffs } = self;
        backoffs
            .entry(key.instance_id)
            .or_insert_with(|| fresh.clone())
    }
}

/// Counts the exits of one instance.
#[derive(Clone, Debug)]
struct CrashBackoff {
    reset_after: Duration,
    pause: Backoff,
    up_since: Option<Instant>,
    restart_at: Option<Instant>,
    quick_exits: u32,
    restarts: u32,
    cause: Option<Failure>,
    is_reported: bool,
}

impl CrashBackoff {
    const fn new(timings: &Timings) -> Self {
        Self {
            reset_after: timings.crash_reset,
            pause: Backoff::new(timings.restart_first, timings.restart_max),
            up_since: None,
            restart_at: None,
            quick_exits: 0,
            restarts: 0,
            cause: None,
            is_reported: false,
        }
    }

    fn recovered_at(&self) -> Option<Instant> {
        let since = self.up_since.filter(|_| self.is_reported)?;
        Some(since + self.reset_after)
    }

    /// Records that it runs.
    fn record_running(&mut self, now: Instant) {
        self.restart_at = None;
        self.up_since.get_or_insert(now);
    }

    /// Records an exit; returns the time of the restart. The same exit counts once.
    fn record_exit(&mut self, now: Instant) -> Instant {
        if let Some(at) = self.restart_at {
            return at;
        }
        let was_up = self.up_since.take();
        if was_up.is_some_and(|since| now.duration_since(since) >= self.reset_after) {
            self.pause.reset();
            self.quick_exits = 0;
            self.restarts = 0;
        }
        self.quick_exits += 1;
        let at = now + self.pause.next();
        self.restart_at = Some(at);
        at
    }

    /// Records that it was started again.
    fn record_restart(&mut self, now: Instant) {
        self.restart_at = None;
        self.cause = None;
        self.up_since = Some(now);
        self.restarts += 1;
    }

    /// Returns the number of restarts in a crash loop; `None` otherwise.
    fn crash_loop(&self) -> Option<u32> {
        (self.quick_exits >= LOOP_AFTER).then_some(self.restarts)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::CrashBackoff;
    use crate::timings::Timings;

    const SECOND: Duration = Duration::from_secs(1);

    /// Simulates an exit after `up_for`; returns the pause before the restart.
    fn crash(backoff: &mut CrashBackoff, now: &mut Instant, up_for: Duration) -> u64 {
        backoff.record_running(*now);
        *now += up_for;
        let at = backoff.record_exit(*now);
        assert_eq!(
            backoff.record_exit(*now + SECOND / 2),
            at,
            "the same exit counted twice"
        );
        let pause = at - *now;
        *now = at;
        backoff.record_restart(*now);
        pause.as_secs()
    }

    #[test]
    fn quick_ends_are_answered_by_longer_and_longer_pauses() {
        let mut backoff = CrashBackoff::new(&Timings::default());
        let mut now = Instant::now();
        let pauses: Vec<u64> = (0..8)
            .map(|_| crash(&mut backoff, &mut now, SECOND))
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn the_third_quick_end_is_a_crash_loop() {
        let mut backoff = CrashBackoff::new(&Timings::default());
        let mut now = Instant::now();
        for restarts in [None, None, Some(3), Some(4)] {
            crash(&mut backoff, &mut now, SECOND);
            assert_eq!(backoff.crash_loop(), restarts);
        }
    }

    #[test]
    fn a_minute_without_an_end_forgives_all() {
        let mut backoff = CrashBackoff::new(&Timings::default());
        let mut now = Instant::now();
        for _ in 0..5 {
            crash(&mut backoff, &mut now, SECOND);
        }
        assert_eq!(crash(&mut backoff, &mut now, 60 * SECOND), 1);
        assert_eq!(backoff.crash_loop(), None);
    }
}
