//! `DELETE /workspace/{workspace_id}/volume/{volume_id}`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// Put a volume that no deployment uses into the trash.
    ///
    /// It keeps its data and can be restored until `trash.purge_at`. Then its runner is asked to
    /// remove the data for good.
    DeleteVolume,
    DELETE "/workspace/{workspace_id}/volume/{volume_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::Delete on workspace_id,
    rate = Writes,
    audit = "volume.delete",
    response = 200 {
        /// The volume as it is now.
        volume: Volume,
    },
    errors = [VolumeInUse],
}
