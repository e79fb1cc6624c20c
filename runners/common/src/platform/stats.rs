//! Resource counters of an instance.

use models::time::Timestamp;

use super::InstanceKey;

/// Resources that an instance used since its start, and its memory now.
///
/// Counters never decrease until a restart, which may reset them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceStats {
    /// Identity of the instance.
    pub key: InstanceKey,
    /// Time of the measurement, by the platform's clock.
    pub at: Timestamp,
    /// CPU time on all processors together, in nanoseconds.
    pub cpu_nanos: u64,
    /// Memory in use, without reclaimable page cache.
    pub memory_bytes: u64,
    /// Bytes received over the network.
    pub network_received_bytes: u64,
    /// Bytes sent over the network.
    pub network_sent_bytes: u64,
    /// Bytes read from disks.
    pub disk_read_bytes: u64,
    /// Bytes written to disks.
    pub disk_written_bytes: u64,
}
