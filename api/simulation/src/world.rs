//! State that all hosts of a run share: time, randomness, trace and counts.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use models::time::Timestamp;
use tokio::time::{Instant, sleep};

use crate::{fault_profile::FaultProfile, trace::Trace};

/// 1 January 2026, the start of every run.
const BEGINNING_MICROS: i64 = 1_767_225_600_000_000;

/// One run.
pub(crate) struct World {
    began: Instant,
    /// The run's fault profile.
    pub(crate) profile: FaultProfile,
    trace: Trace,
    rng: Mutex<Rng>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    violations: Mutex<Vec<String>>,
    lasted: Mutex<Duration>,
}

impl World {
    /// Creates the world of a seed; time stands still at its start.
    pub(crate) fn new(seed: u64, trace: Trace) -> Self {
        let mut rng = Rng(seed);
        trace.begin(Instant::now());
        Self {
            began: Instant::now(),
            profile: FaultProfile::draw(&mut rng),
            trace,
            rng: Mutex::new(rng),
            counts: Mutex::default(),
            violations: Mutex::default(),
            lasted: Mutex::default(),
        }
    }

    /// The time since the start of the run.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// The current time, by a correct clock.
    pub(crate) fn now(&self) -> Timestamp {
        let micros = i64::try_from(self.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(BEGINNING_MICROS + micros)
    }

    /// Draws from the run's random numbers.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        draw(&mut lock(&self.rng))
    }

    /// Draws an event of this probability.
    pub(crate) fn chance(&self, share: f64) -> bool {
        self.draw(|rng| rng.chance(share))
    }

    /// Waits for a random time between two bounds.
    pub(crate) async fn wait(&self, shortest: Duration, longest: Duration) {
        sleep(self.draw(|rng| rng.between(shortest, longest))).await;
    }

    /// Writes a line to the trace.
    pub(crate) fn note(&self, text: &str) {
        self.trace.line(text);
    }

    /// Counts an event, and writes it to the trace.
    pub(crate) fn count(&self, what: &'static str) {
        *lock(&self.counts).entry(what).or_default() += 1;
    }

    /// Records a violated invariant.
    pub(crate) fn violate(&self, what: String) {
        self.trace.line(&format!("BROKEN: {what}"));
        lock(&self.violations).push(what);
    }

    /// Ends the run, and adds a random draw to the trace.
    ///
    /// The generator's state depends on everything that happened, so it reveals more
    /// differences between runs than the lines do.
    pub(crate) fn end(&self) {
        *lock(&self.lasted) = self.elapsed();
        let left = self.draw(|rng| rng.0);
        self.note(&format!("the end: {left:016x}"));
    }

    /// The length of the run.
    pub(crate) fn lasted(&self) -> Duration {
        *lock(&self.lasted)
    }

    /// True if an invariant was violated.
    pub(crate) fn has_violations(&self) -> bool {
        !lock(&self.violations).is_empty()
    }

    /// The violations found, and the counts of events.
    pub(crate) fn outcome(&self) -> (Vec<String>, BTreeMap<&'static str, u64>) {
        (lock(&self.violations).clone(), lock(&self.counts).clone())
    }
}

/// Random numbers that follow from a seed.
///
/// They are separate from those that the product draws, so that the events of a run do not
/// depend on how many the product needs.
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        entropy::step(&mut self.0)
    }

    /// Returns a number in `0..end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Picks one of several items.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(from.len()).ok()?;
        from.get(usize::try_from(self.below(length)).ok()?)
    }

    /// Draws an event of this probability.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        const STEPS: u32 = 1_000_000;
        let drawn = u32::try_from(self.below(STEPS.into())).unwrap_or(STEPS);
        f64::from(drawn) < share * f64::from(STEPS)
    }

    /// Draws a duration between two bounds, in whole microseconds.
    pub(crate) fn between(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let span = longest.saturating_sub(shortest).as_micros();
        shortest + Duration::from_micros(self.below(u64::try_from(span).unwrap_or(u64::MAX)))
    }
}

/// Locks a mutex. A run has one thread, so nobody waits.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
