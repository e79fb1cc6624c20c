//! Faults of the platform.

use std::{collections::VecDeque, time::Duration};

use models::deployment::FailureCode;

use crate::platform::{Health, RunnerError};

/// Active faults of the platform. None, by default.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fault of its own")]
pub struct Faults {
    /// Errors of the next pulls, one each.
    pub pulls: VecDeque<RunnerError>,
    /// Errors of the next requests to the registry, one each.
    pub lookups: VecDeque<RunnerError>,
    /// Errors of the next creations, one each.
    pub creates: VecDeque<RunnerError>,
    /// Errors of the next starts, one each.
    pub starts: VecDeque<RunnerError>,
    /// Number of starts whose answer is lost after the effect.
    pub lost_starts: u32,
    /// Errors of the listings that follow a start whose answer was lost, one each.
    pub lists_after_lost_start: VecDeque<RunnerError>,
    /// Errors of the next removals, one each.
    pub removes: VecDeque<RunnerError>,
    /// Errors of the listings that follow the next pull, one each.
    pub lists_after_pull: VecDeque<RunnerError>,
    /// Errors of the next listings, one each.
    pub lists: VecDeque<RunnerError>,
    /// Duration of every pull.
    pub slow_pull: Duration,
    /// Duration of every request to the registry.
    pub slow_lookup: Duration,
    /// Duration of the creation of an instance with volumes.
    pub slow_create: Duration,
    /// Duration of every start.
    pub slow_start: Duration,
    /// Time after which apps exit by themselves.
    pub crash_after: Option<Duration>,
    /// Number of instances that exit right after their start, with code 1.
    pub ends_at_first: u32,
    /// True if the kernel kills programs and failing instances for lack of memory.
    ///
    /// It concerns programs inside instances, and instances that exit right after their start.
    pub out_of_memory: bool,
    /// Result of the image's health check on every instance; absent without one.
    pub health: Option<Health>,
    /// Exit code of stopped instances, instead of 143.
    pub stop_code: Option<i64>,
    /// True if the platform claims that everything runs.
    pub lies: bool,
    /// True if the platform answers no request.
    pub silent: bool,
    /// True if the platform keeps no volumes.
    pub keeps_no_volumes: bool,
    /// Environments share no private networks.
    pub has_no_networks: bool,
    /// True if the platform cannot contact registries.
    pub knows_no_registry: bool,
    /// True if the platform reports no changes.
    pub keeps_quiet: bool,
}

impl Faults {
    /// Answers a start that had its effect.
    pub(super) fn answer_start(&mut self) -> Result<(), RunnerError> {
        if self.lost_starts == 0 {
            return Ok(());
        }
        self.lost_starts -= 1;
        self.lists.append(&mut self.lists_after_lost_start);
        Err(RunnerError::platform(
            FailureCode::PlatformSilent,
            "The answer was lost.",
        ))
    }

    /// Begins the faults that follow a pull.
    pub(super) fn end_pull(&mut self) {
        self.lists.append(&mut self.lists_after_pull);
    }
}
