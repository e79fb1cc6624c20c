//! `POST /workspace/{workspace_id}/deployment`

use macros::declare_api_endpoint;

use crate::{
    RunnerId, WorkspaceId,
    deployment::{Deployment, Spec, watchable},
    value::ResourceName,
};

declare_api_endpoint! {
    /// Create a deployment.
    CreateDeployment,
    POST "/workspace/{workspace_id}/deployment" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Deployment::Create on workspace_id,
    rate = Writes,
    audit = "deployment.create",
    request = {
        /// Its name, unique in the workspace.
        #[garde(dive)]
        name: ResourceName,
        /// The runner that it will run on.
        runner_id: RunnerId,
        /// What it runs.
        #[garde(dive)]
        spec: Spec,
        /// The machine type of its instances, by its name: one of those that `ListMachineTypes`
        /// shows. It says what `spec.resources` would say, which is left out then.
        #[garde(dive)]
        machine_type: Option<ResourceName>,
        /// Whether to deploy it at once; yes when left out.
        deploy: Option<bool>,
        /// Whether to deploy by itself whenever the tag that the image names moves in its registry;
        /// no when left out. The runner looks about every 5 minutes.
        #[garde(custom(watchable(&self.spec.image)))]
        deploy_on_push: Option<bool>,
    },
    response = 201 {
        /// The new deployment.
        deployment: Deployment,
    },
    errors = [
        DeploymentNameTaken,
        RunnerNotFound,
        RunnerTooSmall,
        RunnerWithoutVolumes,
        SecretNotFound,
        VolumeInTrash,
        VolumeInUse,
        VolumeNotFound,
        VolumeOnOtherRunner,
    ],
}
