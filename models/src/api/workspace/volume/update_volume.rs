//! `PATCH /workspace/{workspace_id}/volume/{volume_id}`

use macros::declare_api_endpoint;

use crate::{
    VolumeId, WorkspaceId,
    value::ResourceName,
    volume::{Volume, VolumeSize},
};

declare_api_endpoint! {
    /// Rename or enlarge a volume.
    UpdateVolume,
    PATCH "/workspace/{workspace_id}/volume/{volume_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The volume.
        volume_id: VolumeId,
    },
    permission = Volume::Edit on workspace_id,
    rate = Writes,
    audit = "volume.update",
    request = {
        /// Its new name; stays as it is when left out.
        #[garde(dive)]
        name: Option<ResourceName>,
        /// How much it is meant to hold from now on, in bytes; never less than before. Stays as it
        /// is when left out.
        #[garde(dive)]
        size_bytes: Option<VolumeSize>,
    },
    response = 200 {
        /// The volume as it is now.
        volume: Volume,
    },
    errors = [VolumeCannotShrink, VolumeNameTaken],
}
