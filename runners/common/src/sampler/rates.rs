//! Rates, from two readings of a counter.

use std::collections::HashMap;

use models::{InstanceId, deployment::Usage, runner::StatsSample, time::Timestamp};

use crate::platform::{InstanceStats, PlatformInstance};

/// Shortest time between two readings; below it, the clock's error dominates.
const SHORTEST_MS: i64 = 100;
/// Longest time between two readings.
///
/// Beyond it something else lies between them, such as a sleeping host or a clock that was set.
const LONGEST_MS: i64 = 60_000;

/// Last reading of each instance.
#[derive(Debug, Default)]
pub(super) struct Rates {
    last: HashMap<InstanceId, Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    started_at: Option<Timestamp>,
    stats: InstanceStats,
}

impl Rates {
    /// Drops all instances that are not up.
    pub(super) fn keep_only(&mut self, up: &[PlatformInstance]) {
        self.last
            .retain(|id, _| up.iter().any(|instance| instance.key.instance_id == *id));
    }

    /// Returns the usage since the last reading of the same start.
    ///
    /// `None` for the first reading after a start.
    pub(super) fn next(
        &mut self,
        started_at: Option<Timestamp>,
        stats: &InstanceStats,
    ) -> Option<StatsSample> {
        let reading = Reading {
            started_at,
            stats: *stats,
        };
        let last = self.last.insert(stats.key.instance_id, reading)?;
        let usage = usage(&last, &reading)?;
        Some(StatsSample {
            deployment_id: stats.key.deployment_id,
            release_id: stats.key.release_id,
            instance_id: stats.key.instance_id,
            at: stats.at,
            usage,
        })
    }
}

fn usage(last: &Reading, now: &Reading) -> Option<Usage> {
    let (before, after) = (&last.stats, &now.stats);
    let elapsed_ms = after.at.millis_since(before.at);
    if last.started_at != now.started_at || !(SHORTEST_MS..=LONGEST_MS).contains(&elapsed_ms) {
        return None;
    }
    let elapsed_ms = u128::try_from(elapsed_ms).ok()?;
    // A counter that decreased belongs to another start, which was not reported.
    let grown = |before: u64, after: u64| after.checked_sub(before).map(u128::from);
    let per_second = |before, after| {
        let rate = grown(before, after)? * 1_000 / elapsed_ms;
        u64::try_from(rate).ok()
    };
    let cpu_millis = grown(before.cpu_nanos, after.cpu_nanos)? / 1_000 / elapsed_ms;
    Some(Usage {
        cpu_millis: u64::try_from(cpu_millis).ok()?,
        memory_bytes: after.memory_bytes,
        network_received_bytes_per_second: per_second(
            before.network_received_bytes,
            after.network_received_bytes,
        )?,
        network_sent_bytes_per_second: per_second(
            before.network_sent_bytes,
            after.network_sent_bytes,
        )?,
        disk_read_bytes_per_second: per_second(before.disk_read_bytes, after.disk_read_bytes)?,
        disk_written_bytes_per_second: per_second(
            before.disk_written_bytes,
            after.disk_written_bytes,
        )?,
    })
}

#[cfg(test)]
mod tests {
    use models::{
        DeploymentId, InstanceId, ReleaseId, RunnerId, deployment::Usage, time::Timestamp,
    };
    use uuid::Uuid;

    use super::Rates;
    use crate::platform::{InstanceKey, InstanceStats};

    const STARTED_AT: Option<Timestamp> = Some(Timestamp::from_micros(1));

    /// Counters of an instance after `millis`: half a processor, a few bytes a second.
    fn stats(millis: u64) -> InstanceStats {
        let id = Uuid::from_u128(1);
        let bytes = |rate: u64| rate * millis / 1_000;
        InstanceStats {
            key: InstanceKey {
                runner_id: RunnerId::from_uuid(id),
                deployment_id: DeploymentId::from_uuid(id),
                release_id: ReleaseId::from_uuid(id),
                instance_id: InstanceId::from_uuid(id),
                attempt: None,
            },
            at: Timestamp::from_micros(0).plus_millis(millis.try_into().unwrap()),
            cpu_nanos: millis * 500_000,
            memory_bytes: 7,
            network_received_bytes: bytes(1_000),
            network_sent_bytes: bytes(2_000),
            disk_read_bytes: bytes(3_000),
            disk_written_bytes: bytes(4_000),
        }
    }

    #[test]
    fn two_readings_of_one_start_make_rates() {
        let mut rates = Rates::default();
        assert_eq!(rates.next(STARTED_AT, &stats(1_000)), None);
        let sample = rates.next(STARTED_AT, &stats(6_000)).unwrap();
        assert_eq!(sample.at, stats(6_000).at);
        let expected = Usage {
            cpu_millis: 500,
            memory_bytes: 7,
            network_received_bytes_per_second: 1_000,
            network_sent_bytes_per_second: 2_000,
            disk_read_bytes_per_second: 3_000,
            disk_written_bytes_per_second: 4_000,
        };
        assert_eq!(sample.usage, expected);
    }

    #[test]
    fn a_restart_makes_no_rate() {
        let mut rates = Rates::default();
        rates.next(STARTED_AT, &stats(1_000));
        let other = Some(Timestamp::from_micros(2));
        assert_eq!(rates.next(other, &stats(6_000)), None);
        assert!(rates.next(other, &stats(11_000)).is_some());
        // The same start, but a counter that went back: the platform failed to report the
        // restart.
        let mut less = stats(16_000);
        less.disk_read_bytes = 0;
        assert_eq!(rates.next(other, &less), None);
    }

    #[test]
    fn readings_with_a_strange_time_between_them_say_nothing() {
        for second in [1_000, 1_050, 500, 100_000] {
            let mut rates = Rates::default();
            rates.next(STARTED_AT, &stats(1_000));
            assert_eq!(rates.next(STARTED_AT, &stats(second)), None, "{second}");
        }
    }

    #[test]
    fn readings_of_stopped_instances_are_dropped() {
        let mut rates = Rates::default();
        rates.next(STARTED_AT, &stats(1_000));
        rates.keep_only(&[]);
        assert_eq!(rates.next(STARTED_AT, &stats(6_000)), None);
    }
}
