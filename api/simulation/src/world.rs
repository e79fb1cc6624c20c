//! What all hosts of one run share: the time, chance, the trace, and what happened how often.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use models::time::Timestamp;
use tokio::time::{Instant, sleep};

use crate::{nature::Nature, trace::Trace};

/// 1 January 2026, when every run begins.
const BEGINNING_MICROS: i64 = 1_767_225_600_000_000;

/// One run.
pub(crate) struct World {
    began: Instant,
    /// What is usual in this run.
    pub(crate) nature: Nature,
    trace: Trace,
    chance: Mutex<Chance>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    broken: Mutex<Vec<String>>,
    lasted: Mutex<Duration>,
}

impl World {
    /// The world of a seed; time stands at its beginning.
    pub(crate) fn new(seed: u64, trace: Trace) -> Self {
        let mut chance = Chance(seed);
        trace.begin(Instant::now());
        Self {
            began: Instant::now(),
            nature: Nature::drawn(&mut chance),
            trace,
            chance: Mutex::new(chance),
            counts: Mutex::default(),
            broken: Mutex::default(),
            lasted: Mutex::default(),
        }
    }

    /// How long the run has lasted.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// This moment, by a clock that is right.
    pub(crate) fn now(&self) -> Timestamp {
        let micros = i64::try_from(self.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(BEGINNING_MICROS + micros)
    }

    /// Draws from what is left to chance.
    pub(crate) fn draw<T>(&self, draw: impl FnOnce(&mut Chance) -> T) -> T {
        draw(&mut lock(&self.chance))
    }

    /// Whether something happens that does so this often.
    pub(crate) fn happens(&self, share: f64) -> bool {
        self.draw(|chance| chance.happens(share))
    }

    /// Lets a moment pass, drawn between two.
    pub(crate) async fn wait(&self, shortest: Duration, longest: Duration) {
        sleep(self.draw(|chance| chance.between(shortest, longest))).await;
    }

    /// Writes something into the trace.
    pub(crate) fn note(&self, text: &str) {
        self.trace.line(text);
    }

    /// Counts something that happened, and writes it into the trace.
    pub(crate) fn count(&self, what: &'static str) {
        *lock(&self.counts).entry(what).or_default() += 1;
    }

    /// An invariant does not hold.
    pub(crate) fn broke(&self, what: String) {
        self.trace.line(&format!("BROKEN: {what}"));
        lock(&self.broken).push(what);
    }

    /// The run is over. What is left to chance then depends on all that happened, so it says more of
    /// a run than its lines do.
    pub(crate) fn end(&self) {
        *lock(&self.lasted) = self.elapsed();
        let left = self.draw(|chance| chance.0);
        self.note(&format!("the end: {left:016x}"));
    }

    /// How long the run lasted.
    pub(crate) fn lasted(&self) -> Duration {
        *lock(&self.lasted)
    }

    /// Whether an invariant did not hold.
    pub(crate) fn is_broken(&self) -> bool {
        !lock(&self.broken).is_empty()
    }

    /// What was found, and what happened how often.
    pub(crate) fn findings(&self) -> (Vec<String>, BTreeMap<&'static str, u64>) {
        (lock(&self.broken).clone(), lock(&self.counts).clone())
    }
}

/// Numbers that look random and follow from a seed; apart from those that the product draws, so that
/// what happens does not change with how many of them it needs.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        entropy::step(&mut self.0)
    }

    /// A number from 0 up to and without `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let length = u64::try_from(from.len()).ok()?;
        from.get(usize::try_from(self.below(length)).ok()?)
    }

    /// Whether something happens that does so this often.
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        const STEPS: u32 = 1_000_000;
        let drawn = u32::try_from(self.below(STEPS.into())).unwrap_or(STEPS);
        f64::from(drawn) < share * f64::from(STEPS)
    }

    /// A duration between two, in whole microseconds.
    pub(crate) fn between(&mut self, shortest: Duration, longest: Duration) -> Duration {
        let span = longest.saturating_sub(shortest).as_micros();
        shortest + Duration::from_micros(self.below(u64::try_from(span).unwrap_or(u64::MAX)))
    }
}

/// Locks. A run has one thread, so nobody waits.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
