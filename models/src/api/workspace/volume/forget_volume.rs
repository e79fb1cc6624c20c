//! `POST /workspace/{workspace_id}/volume/{volume_id}/forget`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId};

declare_api_endpoint! {
    /// Forget a volume in the trash, and leave its data on the host.
    ///
    /// For a runner that is gone for good, or that cannot remove the data: the server no longer
    /// asks it to, and the runner can be deleted. The data remains on the host until someone
    /// removes it there; a Docker Engine stores it as the volume `berth-` and the volume's id.
    /// This cannot be undone.
    ForgetVolume,
    POST "/workspace/{workspace_id}/volume/{volume_id}/forget" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::Delete on workspace_id,
    rate = Writes,
    audit = "volume.forget",
    response = 204,
    errors = [VolumeNotInTrash],
}
