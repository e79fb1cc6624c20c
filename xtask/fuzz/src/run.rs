//! The fuzzing loop: tries inputs until one breaks a target.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{Target, mutate::mutate, random::Random};

/// Time limit per input. No reader may take longer for a few kilobytes, even on a slow machine.
const SLOW: Duration = Duration::from_secs(5);

/// An input that breaks a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The input, minimized.
    pub input: Vec<u8>,
    /// The invariant that did not hold.
    pub why: String,
}

/// Tries every input of a corpus, then mutations of them while `go_on` says so.
///
/// Returns the number of inputs tried.
///
/// # Errors
/// Returns the first input that breaks the target.
pub fn run(
    target: &Target,
    corpus: &[Vec<u8>],
    seed: u64,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<u64, Found> {
    let mut tried = 0;
    for input in corpus {
        try_input(target, input)?;
        tried += 1;
    }
    let mut random = Random::new(seed);
    let empty = Vec::new();
    while go_on(tried) {
        let one = random.pick(corpus).unwrap_or(&empty).clone();
        let other = random.pick(corpus).unwrap_or(&empty);
        try_input(target, &mutate(&mut random, &one, other))?;
        tried += 1;
    }
    Ok(tried)
}

fn try_input(target: &Target, input: &[u8]) -> Result<(), Found> {
    let Err(why) = passes(target, input) else {
        return Ok(());
    };
    let (input, why) = minimize(target, input.to_vec(), why);
    Err(Found { input, why })
}

fn passes(target: &Target, input: &[u8]) -> Result<(), String> {
    let started = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    let took = started.elapsed();
    match outcome {
        Err(panic) => Err(describe(&*panic)),
        Ok(()) if took > SLOW => Err(format!("it took {took:?}")),
        Ok(()) => Ok(()),
    }
}

/// Minimizes an input: removes everything that the failure does not need.
fn minimize(target: &Target, mut input: Vec<u8>, mut why: String) -> (Vec<u8>, String) {
    let mut piece = input.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < input.len() {
            let mut less = input.clone();
            less.drain(at..(at + piece).min(input.len()));
            match passes(target, &less) {
                Err(reason) => (input, why) = (less, reason),
                Ok(()) => at += piece,
            }
        }
        piece /= 2;
    }
    (input, why)
}

fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("panicked without a message").to_owned()
}
