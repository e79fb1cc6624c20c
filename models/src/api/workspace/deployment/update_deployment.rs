//! `PATCH /workspace/{workspace_id}/deployment/{deployment_id}`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, WorkspaceId,
    deployment::{Deployment, Spec, watchable},
    time::Timestamp,
    value::ResourceName,
};

declare_api_endpoint! {
    /// Change what a deployment runs.
    ///
    /// The whole specification is replaced. When it differs and the deployment is meant to run, a
    /// new release is made at once unless `deploy` says no.
    UpdateDeployment,
    PATCH "/workspace/{workspace_id}/deployment/{deployment_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Edit on workspace_id,
    rate = Writes,
    audit = "deployment.update",
    request = {
        /// What it runs from now on.
        #[garde(dive)]
        spec: Spec,
        /// The machine type of its instances, by its name: one of those that `ListMachineTypes`
        /// shows. It says what `spec.resources` would say, which is left out then.
        #[garde(dive)]
        machine_type: Option<ResourceName>,
        /// Whether to make a new release; yes when left out.
        deploy: Option<bool>,
        /// Whether to deploy by itself whenever the tag that the image names moves in its registry;
        /// as it was when left out.
        #[garde(custom(watchable(&self.spec.image)))]
        deploy_on_push: Option<bool>,
        /// The `updated_at` that the change is based on. When somebody changed the deployment
        /// since, nothing is done; left out, the change is made in any case.
        if_unchanged_since: Option<Timestamp>,
    },
    response = 200 {
        /// The deployment as it is now.
        deployment: Deployment,
    },
    errors = [
        DeploymentBeingDeleted,
        DeploymentChanged,
        RunnerTooSmall,
        RunnerWithoutVolumes,
        SecretNotFound,
        VolumeInTrash,
        VolumeInUse,
        VolumeNotFound,
        VolumeOnOtherRunner,
    ],
}
