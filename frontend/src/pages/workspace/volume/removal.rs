//! Purge of a volume: the obstacle on the runner, and the remedy.

use components::{alert::Alert, code::CodeInline, status::Tone, time::Moment};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{ForgetVolume, ForgetVolumePath},
    volume::{RemovalFailure, Trash, Volume},
};

use crate::{pages::workspace::resource::get::EndOf, paths};

/// The notice on the page of a volume whose runner was asked to purge it.
#[component]
pub(super) fn VolumeRemoval(volume: Volume, trash: Trash, may_forget: bool) -> impl IntoView {
    let is_stuck = !volume.runner_connected || trash.removal_failure.is_some();
    let away = (!volume.runner_connected).then(|| {
        let name = volume.runner_name.to_string();
        view! {
            <p>
                "The runner " <strong>{name}</strong>
                " is not connected. Berth asks it again when it reconnects. Until then, the data is still there."
            </p>
        }
    });
    let kept = trash
        .removal_failure
        .map(|removal| view! { <RemovalFailed removal=removal /> });
    let (tone, title) = if is_stuck {
        (Tone::Bad, "This volume could not be removed yet")
    } else {
        (Tone::Warn, "This volume is being removed")
    };
    let forget =
        (is_stuck && may_forget).then(|| view! { <ForgetVolumeForm volume=volume.clone() /> });
    view! {
        <Alert tone=tone title=title>
            <p>
                "Its time in the trash is over, and Berth asked its runner to remove the data. The volume disappears from here once the runner confirms the removal."
            </p>
            {away}
            {kept}
        </Alert>
        {forget}
    }
}

/// The runner's latest reason for keeping the volume.
#[component]
fn RemovalFailed(removal: RemovalFailure) -> impl IntoView {
    let at = removal.at;
    view! {
        <p>"The runner reported " <Moment at=at /> ": " {removal.failure.message}</p>
        <p class="soft">"Berth asks it again every minute."</p>
    }
}

/// The form that forgets a volume whose runner is gone or cannot purge it.
#[component]
pub(super) fn ForgetVolumeForm(volume: Volume) -> impl IntoView {
    let path = ForgetVolumePath {
        workspace_id: volume.workspace_id,
        volume_id: volume.volume_id,
    };
    let name = volume.name.to_string();
    let workspace_id = volume.workspace_id;
    view! {
        <EndOf
            endpoint=ForgetVolume
            path=path
            title="Forget volume"
            warning=ViewFn::from(move || view! { <RemainingData volume=volume.clone() /> })
            name=name
            success=paths::volumes(workspace_id)
            label="Forget this volume"
            busy_label="Forgetting…"
        />
    }
}

#[component]
fn RemainingData(volume: Volume) -> impl IntoView {
    let folder = format!("berth-{}", volume.volume_id);
    view! {
        "Use this if the runner will never reconnect or cannot remove the data. Berth drops its record of the volume and does not ask the runner to remove anything. The data stays on the host of "
        <strong>{volume.runner_name.to_string()}</strong>
        " until someone removes it there. On Docker Engine, it is the volume "
        <CodeInline text=folder />
        "."
    }
}
