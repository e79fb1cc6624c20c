//! `PATCH /workspace/{workspace_id}/deployment/{deployment_id}`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, WorkspaceId,
    deployment::{Deployment, Spec, check_watchable},
    time::Timestamp,
    value::ResourceName,
};

declare_api_endpoint! {
    /// Change the settings of a deployment.
    ///
    /// Replaces the whole specification. If it differs and the deployment should be running, a
    /// new release is created immediately, unless `deploy` is false.
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
        /// The new settings.
        #[garde(dive)]
        spec: Spec,
        /// The machine type of its instances, by name, as listed by `ListMachineTypes`.
        ///
        /// It sets `spec.resources`, which must then be left out or equal to it.
        #[garde(dive)]
        machine_type: Option<ResourceName>,
        /// True to create a new release; true when left out.
        deploy: Option<bool>,
        /// True to deploy whenever the tag of the image moves. Unchanged when left out.
        #[garde(custom(check_watchable(&self.spec.image)))]
        auto_deploy: Option<bool>,
        /// The `updated_at` that the change is based on.
        ///
        /// If someone has changed the deployment since, nothing is changed. When left out, the
        /// change is made in any case.
        if_unchanged_since: Option<Timestamp>,
    },
    response = 200 {
        /// The deployment after the change.
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
