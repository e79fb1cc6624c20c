//! `POST /workspace/{workspace_id}/volume`

use macros::declare_api_endpoint;

use crate::{
    RunnerId, WorkspaceId,
    value::ResourceName,
    volume::{Volume, VolumeSize},
};

declare_api_endpoint! {
    /// Make a volume.
    ///
    /// Its runner makes the folder when a deployment uses it for the first time.
    CreateVolume,
    POST "/workspace/{workspace_id}/volume" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Volume::Create on workspace_id,
    rate = Writes,
    audit = "volume.create",
    request = {
        /// Its name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
        /// The runner that will have the data; it cannot be changed.
        runner_id: RunnerId,
        /// How much it is meant to hold, in bytes; from 1 MiB on. It can grow and not shrink.
        #[garde(dive)]
        size_bytes: VolumeSize,
    },
    response = 201 {
        /// The new volume.
        volume: Volume,
    },
    errors = [RunnerNotFound, RunnerWithoutVolumes, VolumeNameTaken],
}
