//! `POST /workspace/{workspace_id}/volume/{volume_id}/restore`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// Restore a volume from the trash, with its data.
    RestoreVolume,
    POST "/workspace/{workspace_id}/volume/{volume_id}/restore" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::Delete on workspace_id,
    rate = Writes,
    audit = "volume.restore",
    response = 200 {
        /// The volume after the change.
        volume: Volume,
    },
    errors = [VolumeBeingPurged],
}
