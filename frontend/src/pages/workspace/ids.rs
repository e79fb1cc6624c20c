//! Ids in the address of a page.

use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use models::{
    ApiTokenId, DeploymentId, EnvironmentId, ProjectId, RegistrationId, RegistryId, ReleaseId,
    RunId, RunnerId, SecretId, VolumeId, WorkspaceId,
};

/// Returns the workspace in the address; `None` if it is not an id.
pub(crate) fn workspace_id() -> Option<WorkspaceId> {
    id("workspace_id")
}

/// Returns the API token in the address; `None` if it is not an id.
pub(super) fn api_token_id() -> Option<ApiTokenId> {
    id("api_token_id")
}

/// Returns the deployment in the address; `None` if it is not an id.
pub(super) fn deployment_id() -> Option<DeploymentId> {
    id("deployment_id")
}

/// Returns the environment in the address; `None` if it is not an id.
pub(super) fn environment_id() -> Option<EnvironmentId> {
    id("environment_id")
}

/// Returns the project in the address; `None` if it is not an id.
pub(super) fn project_id() -> Option<ProjectId> {
    id("project_id")
}

/// Returns the registration in the address; `None` if it is not an id.
pub(super) fn registration_id() -> Option<RegistrationId> {
    id("registration_id")
}

/// Returns the release in the address; `None` if it is not an id.
pub(super) fn release_id() -> Option<ReleaseId> {
    id("release_id")
}

/// Returns the registry in the address; `None` if it is not an id.
pub(super) fn registry_id() -> Option<RegistryId> {
    id("registry_id")
}

/// Returns the run in the address; `None` if it is not an id.
pub(super) fn run_id() -> Option<RunId> {
    id("run_id")
}

/// Returns the runner in the address; `None` if it is not an id.
pub(super) fn runner_id() -> Option<RunnerId> {
    id("runner_id")
}

/// Returns the secret in the address; `None` if it is not an id.
pub(super) fn secret_id() -> Option<SecretId> {
    id("secret_id")
}

/// Returns the volume in the address; `None` if it is not an id.
pub(super) fn volume_id() -> Option<VolumeId> {
    id("volume_id")
}

fn id<T: FromStr>(name: &str) -> Option<T> {
    use_params_map()
        .read_untracked()
        .get_str(name)?
        .parse()
        .ok()
}
