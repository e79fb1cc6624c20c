//! `GET /workspace/{workspace_id}/volume/{volume_id}`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId, volume::Volume};

declare_api_endpoint! {
    /// Get a volume and the deployment that uses it, including a volume in the trash.
    GetVolume,
    GET "/workspace/{workspace_id}/volume/{volume_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The volume.
        volume: Volume,
    },
}
