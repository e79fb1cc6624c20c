//! `DELETE /workspace/{workspace_id}/volume/{volume_id}`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// Move a volume that no deployment uses to the trash.
    ///
    /// It keeps its data and can be restored until `trash.purge_at`. Then its runner is asked
    /// to remove the data for good.
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
        /// The volume after the change.
        volume: Volume,
    },
    errors = [VolumeInUse],
}
