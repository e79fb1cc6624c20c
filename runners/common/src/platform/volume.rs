//! Retired volumes.

use models::{VolumeId, time::Timestamp};

/// A volume that is gone for the server, while its data is still on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetiredVolume {
    /// The volume.
    pub volume_id: VolumeId,
    /// End of its retention.
    pub until: Timestamp,
}
