//! The fault profile of a run.
//!
//! Runs differ in the faults that happen at all: if everything failed all the time, a run would
//! rarely reach interesting states.

use std::time::Duration;

use crate::world::Rng;

/// The fault profile of a run.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a kind of fault of its own"
)]
pub(crate) struct FaultProfile {
    /// Servers that share the database.
    pub(crate) servers: usize,
    /// Number of runners.
    pub(crate) runners: usize,
    /// Deployments that people create.
    pub(crate) deployments: usize,
    /// The time in which people act and faults happen.
    pub(crate) active_phase: Duration,
    /// The longest pause between two actions.
    pub(crate) max_action_gap: Duration,
    /// The longest pause between two faults.
    pub(crate) max_fault_gap: Duration,
    /// The longest latency of a frame, apart from spikes.
    pub(crate) latency: Duration,
    /// The probability that a statement waits, and the longest wait.
    pub(crate) slow_statements: f64,
    pub(crate) statement: Duration,
    /// The probability that a platform call fails: without an effect, and after it.
    pub(crate) refused: f64,
    pub(crate) reply_lost: f64,
    /// The longest duration of a platform call.
    pub(crate) call: Duration,
    /// The longest duration of an image pull.
    pub(crate) pull: Duration,
    /// The largest clock skew of servers and of runners.
    pub(crate) server_skew: Duration,
    pub(crate) runner_skew: Duration,
    /// Kinds of faults that happen in this run.
    pub(crate) partitions: bool,
    pub(crate) resets: bool,
    pub(crate) server_crashes: bool,
    pub(crate) runner_crashes: bool,
    pub(crate) reboots: bool,
    pub(crate) silence: bool,
    pub(crate) database_away: bool,
    pub(crate) server_disk: bool,
    pub(crate) runner_disk: bool,
    pub(crate) app_crashes: bool,
    pub(crate) lost_hints: bool,
    /// Further actions: ranges of instances, tags that move.
    pub(crate) scales: bool,
    pub(crate) pushes: bool,
    /// The most instances of one app that the host policies allow.
    pub(crate) most_instances: Option<u16>,
    /// True if people create runs.
    pub(crate) runs: bool,
    /// True if programs exit with code 0 when they are told to stop.
    pub(crate) obedient: bool,
}

impl FaultProfile {
    /// Draws the fault profile of a run.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let micros = Duration::from_micros;
        let secs = Duration::from_secs;
        let one_in = |rng: &mut Rng, runs: u64| rng.below(runs) == 0;
        Self {
            servers: if one_in(rng, 3) { 2 } else { 1 },
            runners: if one_in(rng, 4) { 2 } else { 1 },
            deployments: 1 + usize::try_from(rng.below(3)).unwrap_or_default(),
            active_phase: secs(60 + rng.below(240)),
            max_action_gap: secs(2 + rng.below(40)),
            max_fault_gap: secs(3 + rng.below(40)),
            latency: micros(*rng.pick(&[500, 5_000, 50_000, 300_000]).unwrap_or(&500)),
            slow_statements: if one_in(rng, 2) { 0.02 } else { 0.3 },
            statement: micros(*rng.pick(&[2_000, 20_000, 200_000]).unwrap_or(&2_000)),
            refused: if one_in(rng, 2) { 0.0 } else { 0.05 },
            reply_lost: if one_in(rng, 2) { 0.0 } else { 0.05 },
            call: micros(*rng.pick(&[5_000, 100_000, 2_000_000]).unwrap_or(&5_000)),
            pull: secs(*rng.pick(&[1, 5, 60]).unwrap_or(&1)),
            server_skew: secs(*rng.pick(&[0, 2, 20]).unwrap_or(&0)),
            runner_skew: secs(*rng.pick(&[0, 10, 3_600]).unwrap_or(&0)),
            partitions: !one_in(rng, 3),
            resets: !one_in(rng, 3),
            server_crashes: !one_in(rng, 3),
            runner_crashes: !one_in(rng, 3),
            reboots: one_in(rng, 3),
            silence: one_in(rng, 3),
            database_away: one_in(rng, 2),
            server_disk: one_in(rng, 4),
            runner_disk: one_in(rng, 4),
            app_crashes: one_in(rng, 2),
            lost_hints: !one_in(rng, 3),
            scales: one_in(rng, 2),
            pushes: one_in(rng, 2),
            most_instances: one_in(rng, 5).then_some(1),
            runs: one_in(rng, 2),
            obedient: one_in(rng, 2),
        }
    }
}
