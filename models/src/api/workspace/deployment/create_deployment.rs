//! `POST /workspace/{workspace_id}/deployment`

use macros::declare_api_endpoint;

use crate::{
    EnvironmentId, RunnerId, WorkspaceId,
    deployment::{Deployment, Source, Spec, check_watchable},
    name_or_id::NameOrId,
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
        /// The environment that it will belong to; the default one when left out.
        ///
        /// An id, or a name such as `staging` or `shop:staging`.
        environment: Option<NameOrId<EnvironmentId>>,
        /// Its name, unique in the environment.
        #[garde(dive)]
        name: ResourceName,
        /// The runner that it will run on.
        runner_id: RunnerId,
        /// The source of the image; `image` when left out.
        #[garde(dive)]
        source: Option<Source>,
        /// The settings to run.
        #[garde(dive)]
        spec: Spec,
        /// The machine type of its instances, by name, as listed by `ListMachineTypes`.
        ///
        /// It sets `spec.resources`, which must then be left out or equal to it.
        #[garde(dive)]
        machine_type: Option<ResourceName>,
        /// True to deploy it immediately; true when left out.
        deploy: Option<bool>,
        /// True to deploy whenever the tag of the image moves. False when left out.
        ///
        /// The runner checks the tag about every 5 minutes.
        #[garde(custom(check_watchable(&self.spec.image)))]
        auto_deploy: Option<bool>,
    },
    response = 201 {
        /// The new deployment.
        deployment: Deployment,
    },
    errors = [
        DeploymentNameTaken,
        EnvironmentNotFound,
        RunnerNotFound,
        RunnerTooSmall,
        RunnerWithoutVolumes,
        SecretNotFound,
        SourceNotSupported,
        VolumeInTrash,
        VolumeInUse,
        VolumeNotFound,
        VolumeOnOtherRunner,
    ],
}
