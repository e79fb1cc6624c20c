//! Link from a deployment that cannot start to its lost volume.

use leptos::prelude::*;
use models::deployment::{Deployment, Failure, FailureCode};

use crate::paths;

/// Links to the volumes of a deployment that cannot start for want of one.
#[component]
pub(super) fn LostVolume(deployment: Deployment) -> impl IntoView {
    let is_lost = |failure: &Failure| failure.code == FailureCode::VolumeLost;
    let error = deployment.observed.error.as_ref();
    let release = deployment.release.as_ref();
    let failure = release.and_then(|release| release.failure.as_ref());
    if !error.is_some_and(|error| is_lost(&error.failure)) && !failure.is_some_and(is_lost) {
        return None;
    }
    let mounts = deployment.spec.volumes.into_iter();
    let links = mounts.map(|mount| {
        let href = paths::volume(deployment.workspace_id, mount.volume_id);
        view! {
            " "
            <a href=href>"the volume at " <code>{mount.path.to_string()}</code></a>
        }
    });
    let links = links.collect_view();
    Some(view! {
        <p>"Restore its data or start empty:" {links}</p>
    })
}
