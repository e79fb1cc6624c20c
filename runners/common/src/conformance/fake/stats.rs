//! Resource usage on the platform in memory: constant, except for the processor.

use models::deployment::Usage;

use super::platform::FakeInstance;
use crate::platform::InstanceStats;

/// Usage of every instance, unless set otherwise.
pub const USAGE: Usage = Usage {
    cpu_millis: 250,
    memory_bytes: 64 * 1024 * 1024,
    network_received_bytes_per_second: 1_000,
    network_sent_bytes_per_second: 2_000,
    disk_read_bytes_per_second: 3_000,
    disk_written_bytes_per_second: 4_000,
};

/// Time between two measurements, by the platform's clock.
const STEP_MS: i64 = 5_000;

/// Measures an instance; `None` when it was never started.
pub(super) fn measure(instance: &mut FakeInstance, cpu_millis: u64) -> Option<InstanceStats> {
    instance.measured += 1;
    let steps = i64::try_from(instance.measured).ok()?;
    let seconds = instance.measured * STEP_MS.unsigned_abs() / 1_000;
    instance.cpu_nanos += cpu_millis * STEP_MS.unsigned_abs() * 1_000;
    Some(InstanceStats {
        key: instance.spec.key,
        at: instance.started_at?.plus_millis(steps * STEP_MS),
        cpu_nanos: instance.cpu_nanos,
        memory_bytes: USAGE.memory_bytes,
        network_received_bytes: USAGE.network_received_bytes_per_second * seconds,
        network_sent_bytes: USAGE.network_sent_bytes_per_second * seconds,
        disk_read_bytes: USAGE.disk_read_bytes_per_second * seconds,
        disk_written_bytes: USAGE.disk_written_bytes_per_second * seconds,
    })
}
