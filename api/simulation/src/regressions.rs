//! Regression seeds: seeds that once found a bug. They run before all others, forever.
//!
//! The effect of a seed changes with the simulation itself. Then it is an ordinary seed, which
//! does no harm.

/// Regression seeds, each with the bug that it found.
pub(crate) const REGRESSION_SEEDS: &[(u64, &str)] = &[
    (
        2,
        "What was deleted stayed in the runner's copy, and its task with it, until the next link.",
    ),
    (
        88,
        "The same with several deployments at once, of which one is still there.",
    ),
    (
        316,
        "an instance that was replaced before the server knew its release as live was shown as starting",
    ),
    (
        566,
        "what was to stop and was started again went on being shown as stopping",
    ),
    (
        173,
        "a task ran far beyond its time limit after the clock of its host was set back",
    ),
];
