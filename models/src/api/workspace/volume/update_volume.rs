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
        /// The new name; unchanged when left out.
        #[garde(dive)]
        name: Option<ResourceName>,
        /// The new intended capacity, in bytes; at least the old one. Unchanged when left out.
        #[garde(dive)]
        size_bytes: Option<VolumeSize>,
    },
    response = 200 {
        /// The volume after the change.
        volume: Volume,
    },
    errors = [VolumeCannotShrink, VolumeNameTaken],
}
