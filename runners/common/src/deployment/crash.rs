//! Exits of apps, and the times of their restarts.

use std::{collections::HashMap, time::Duration};

use models::{InstanceId, deployment::Failure};
use tokio::time::Instant;

use crate::{
    backoff::Backoff,
    runner::{InstanceKey, PlatformInstance},
    timings::Timings,
};

/// Number of consecutive quick exits that make a crash loop.
const LOOP_AFTER: u32 = 3;

/// Counts the exits of a deployment's instances.
#[derive(Debug)]
pub(super) struct Crashes {
    fresh: CrashGuard,
    guards: HashMap<InstanceId, CrashGuard>,
}

impl Crashes {
    pub(super) fn new(timings: &Timings) -> Self {
        Self {
            fresh: CrashGuard::new(timings),
            guards: HashMap::new(),
        }
    }

    /// Records that an instance runs.
    pub(super) fn up(&mut self, key: InstanceKey, now: Instant) {
        self.guard(key).up(now);
    }

    /// Records an exit; returns the time of the restart, and true if the exit is new.
    pub(super) fn ended(&mut self, key: InstanceKey, now: Instant) -> (Instant, bool) {
        let guard = self.guard(key);
        let is_new = guard.restart_at.is_none();
        (guard.ended(now), is_new)
    }

    /// Records that an instance was started again.
    pub(super) fn restarted(&mut self, key: InstanceKey, now: Instant) {
        self.guard(key).restarted(now);
    }

    /// Records why the reconciler stops an instance; overrides its exit code as the cause.
    pub(super) fn blame(&mut self, key: InstanceKey, cause: Failure) {
        self.guard(key).cause = Some(cause);
    }

    /// Returns the reason why the reconciler stopped an instance, if it did.
    pub(super) fn cause(&self, key: &InstanceKey) -> Option<Failure> {
        self.guards.get(&key.instance_id)?.cause.clone()
    }

    /// Returns when the reported error of a running instance is over; `None` if none was
    /// reported.
    pub(super) fn over_at(&self, key: &InstanceKey) -> Option<Instant> {
        self.guards.get(&key.instance_id)?.over_at()
    }

    /// Records if an error of an instance is reported and not over yet.
    pub(super) fn tell(&mut self, key: InstanceKey, is_told: bool) {
        self.guard(key).is_told = is_told;
    }

    /// Returns the number of restarts of an instance in a crash loop; `None` otherwise.
    pub(super) fn crash_loop(&self, key: &InstanceKey) -> Option<u32> {
        self.guards.get(&key.instance_id)?.crash_loop()
    }

    /// Drops instances that are gone.
    pub(super) fn keep_only(&mut self, present: &[PlatformInstance]) {
        self.guards
            .retain(|id, _| present.iter().any(|p| p.key.instance_id == *id));
    }

    fn guard(&mut self, key: InstanceKey) -> &mut CrashGuard {
        let Self { fresh, guards } = self;
        guards
            .entry(key.instance_id)
            .or_insert_with(|| fresh.clone())
    }
}

/// Counts the exits of one instance.
#[derive(Clone, Debug)]
struct CrashGuard {
    steady: Duration,
    pause: Backoff,
    up_since: Option<Instant>,
    restart_at: Option<Instant>,
    quick_ends: u32,
    restarts: u32,
    cause: Option<Failure>,
    is_told: bool,
}

impl CrashGuard {
    const fn new(timings: &Timings) -> Self {
        Self {
            steady: timings.steady,
            pause: Backoff::new(timings.restart_first, timings.restart_max),
            up_since: None,
            restart_at: None,
            quick_ends: 0,
            restarts: 0,
            cause: None,
            is_told: false,
        }
    }

    fn over_at(&self) -> Option<Instant> {
        let since = self.up_since.filter(|_| self.is_told)?;
        Some(since + self.steady)
    }

    /// Records that it runs.
    fn up(&mut self, now: Instant) {
        self.restart_at = None;
        self.up_since.get_or_insert(now);
    }

    /// Records an exit; returns the time of the restart. The same exit counts once.
    fn ended(&mut self, now: Instant) -> Instant {
        if let Some(at) = self.restart_at {
            return at;
        }
        let was_up = self.up_since.take();
        if was_up.is_some_and(|since| now.duration_since(since) >= self.steady) {
            self.pause.reset();
            self.quick_ends = 0;
            self.restarts = 0;
        }
        self.quick_ends += 1;
        let at = now + self.pause.next();
        self.restart_at = Some(at);
        at
    }

    /// Records that it was started again.
    fn restarted(&mut self, now: Instant) {
        self.restart_at = None;
        self.cause = None;
        self.up_since = Some(now);
        self.restarts += 1;
    }

    /// Returns the number of restarts in a crash loop; `None` otherwise.
    fn crash_loop(&self) -> Option<u32> {
        (self.quick_ends >= LOOP_AFTER).then_some(self.restarts)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::CrashGuard;
    use crate::timings::Timings;

    const SECOND: Duration = Duration::from_secs(1);

    /// Simulates an exit after `up_for`; returns the pause before the restart.
    fn crash(guard: &mut CrashGuard, now: &mut Instant, up_for: Duration) -> u64 {
        guard.up(*now);
        *now += up_for;
        let at = guard.ended(*now);
        assert_eq!(
            guard.ended(*now + SECOND / 2),
            at,
            "the same end counted twice"
        );
        let pause = at - *now;
        *now = at;
        guard.restarted(*now);
        pause.as_secs()
    }

    #[test]
    fn quick_ends_are_answered_by_longer_and_longer_pauses() {
        let mut guard = CrashGuard::new(&Timings::default());
        let mut now = Instant::now();
        let pauses: Vec<u64> = (0..8)
            .map(|_| crash(&mut guard, &mut now, SECOND))
            .collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn the_third_quick_end_is_a_crash_loop() {
        let mut guard = CrashGuard::new(&Timings::default());
        let mut now = Instant::now();
        for restarts in [None, None, Some(3), Some(4)] {
            crash(&mut guard, &mut now, SECOND);
            assert_eq!(guard.crash_loop(), restarts);
        }
    }

    #[test]
    fn a_minute_without_an_end_forgives_all() {
        let mut guard = CrashGuard::new(&Timings::default());
        let mut now = Instant::now();
        for _ in 0..5 {
            crash(&mut guard, &mut now, SECOND);
        }
        assert_eq!(crash(&mut guard, &mut now, 60 * SECOND), 1);
        assert_eq!(guard.crash_loop(), None);
    }
}
