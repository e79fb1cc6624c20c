//! `POST /workspace/{workspace_id}/volume/{volume_id}/replace-lost`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// Give up a lost volume's data, so that its deployment starts with an empty one.
    ///
    /// If the volume is found on its runner's host after all, its data is used.
    ReplaceLostVolume,
    POST "/workspace/{workspace_id}/volume/{volume_id}/replace-lost" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::Delete on workspace_id,
    rate = Writes,
    audit = "volume.replace_lost",
    response = 200 {
        /// The volume after the change.
        volume: Volume,
    },
    errors = [VolumeNotLost],
}
