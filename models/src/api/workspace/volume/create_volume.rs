//! `POST /workspace/{workspace_id}/volume`

use macros::declare_api_endpoint;

use crate::{
    EnvironmentId, RunnerId, WorkspaceId,
    name_or_id::NameOrId,
    value::ResourceName,
    volume::{Volume, VolumeSize},
};

declare_api_endpoint! {
    /// Create a volume.
    ///
    /// Its runner creates the folder when a deployment uses the volume for the first time.
    CreateVolume,
    POST "/workspace/{workspace_id}/volume" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Volume::Create on workspace_id,
    rate = Writes,
    audit = "volume.create",
    request = {
        /// The environment that it will belong to; the default one when left out.
        ///
        /// An id, or a name such as `staging` or `shop:staging`.
        environment: Option<NameOrId<EnvironmentId>>,
        /// Its name, unique in the environment.
        #[garde(dive)]
        name: ResourceName,
        /// The runner that will hold the data; it cannot be changed later.
        runner_id: RunnerId,
        /// The intended capacity, in bytes; at least 1 MiB. It can grow, but not shrink.
        #[garde(dive)]
        size_bytes: VolumeSize,
    },
    response = 201 {
        /// The new volume.
        volume: Volume,
    },
    errors = [EnvironmentNotFound, RunnerNotFound, RunnerWithoutVolumes, VolumeNameTaken],
}
