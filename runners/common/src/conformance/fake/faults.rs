//! What can go wrong.

use std::{collections::VecDeque, time::Duration};

use crate::runner::{Health, RunnerError};

/// What is wrong with the platform. Nothing, by default.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own")]
pub struct Faults {
    /// What the next pulls fail with, one each.
    pub pulls: VecDeque<RunnerError>,
    /// What the next questions to the registry fail with, one each.
    pub looks: VecDeque<RunnerError>,
    /// What the next starts fail with, one each.
    pub starts: VecDeque<RunnerError>,
    /// How long every pull takes.
    pub slow_pull: Duration,
    /// The time that the registry takes to answer a question.
    pub slow_look: Duration,
    /// How long making an instance with volumes takes.
    pub slow_create: Duration,
    /// How long every start takes.
    pub slow_start: Duration,
    /// Apps end by themselves after this long.
    pub crash_after: Option<Duration>,
    /// So many instances end right after their start, with exit code 1.
    pub ends_at_first: u32,
    /// Programs inside instances, and instances that end right after their start, are killed for want
    /// of memory.
    pub out_of_memory: bool,
    /// The verdict of the image's health check on every instance; the image has none when absent.
    pub health: Option<Health>,
    /// What is asked to stop ends with this exit code instead of 143.
    pub stop_code: Option<i64>,
    /// The platform says that everything runs, whatever is true.
    pub lies: bool,
    /// The platform answers nothing that it is asked.
    pub silent: bool,
    /// The platform keeps no volumes.
    pub keeps_no_volumes: bool,
    /// The platform cannot ask registries.
    pub knows_no_registry: bool,
    /// The platform says nothing of changes.
    pub keeps_quiet: bool,
}
