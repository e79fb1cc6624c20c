//! `POST /workspace/{workspace_id}/volume/{volume_id}/forget`

use macros::declare_api_endpoint;

use crate::{VolumeId, WorkspaceId};

declare_api_endpoint! {
    /// Forget a volume that is in the trash, and leave its data where it is.
    ///
    /// For a runner that is gone for good, or that cannot remove the data: nobody asks it any more,
    /// and the runner can be deleted. The data stays on its machine until somebody removes it there;
    /// a Docker Engine has it as the volume `berth-` and the volume's id. There is no way back.
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
