//! The ids in the address of a page.

use std::str::FromStr;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use models::{
    DeploymentId, EnrolmentId, RegistryId, ReleaseId, RunnerId, SecretId, VolumeId, WorkspaceId,
};

/// The workspace that the address names; none when it is no id.
pub(super) fn workspace_id() -> Option<WorkspaceId> {
    id("workspace_id")
}

/// The deployment that the address names; none when it is no id.
pub(super) fn deployment_id() -> Option<DeploymentId> {
    id("deployment_id")
}

/// The enrolment that the address names; none when it is no id.
pub(super) fn enrolment_id() -> Option<EnrolmentId> {
    id("enrolment_id")
}

/// The release that the address names; none when it is no id.
pub(super) fn release_id() -> Option<ReleaseId> {
    id("release_id")
}

/// The registry that the address names; none when it is no id.
pub(super) fn registry_id() -> Option<RegistryId> {
    id("registry_id")
}

/// The runner that the address names; none when it is no id.
pub(super) fn runner_id() -> Option<RunnerId> {
    id("runner_id")
}

/// The secret that the address names; none when it is no id.
pub(super) fn secret_id() -> Option<SecretId> {
    id("secret_id")
}

/// The volume that the address names; none when it is no id.
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
