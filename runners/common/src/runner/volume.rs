//! Volumes that nobody uses any more.

use models::{VolumeId, time::Timestamp};

/// A volume that was removed as far as the server knows, and whose data is still on the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retired {
    /// The volume.
    pub volume_id: VolumeId,
    /// Until when its data is kept.
    pub until: Timestamp,
}
