//! The trash: deleting and restoring volumes.

use components::{
    alert::Alert,
    button::ButtonKind,
    status::Tone,
    time::{Moment, TimeFormat},
};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{DeleteVolume, DeleteVolumePath, RestoreVolume, RestoreVolumePath},
    volume::{Trash, Volume},
};

use super::removal::{ForgetVolumeForm, VolumeRemoval};
use crate::{form::EndpointForm, pages::workspace::resource::get::EndOf, paths};

/// The time until which a volume can be restored.
#[component]
pub(super) fn Until(trash: Trash) -> impl IntoView {
    (!trash.is_purging).then(|| {
        let at = trash.purge_at;
        view! {
            <span class="status-age">"purged in " <Moment at=at format=TimeFormat::Until /></span>
        }
    })
}

/// The notice on the page of a volume in the trash.
#[component]
pub(super) fn InTrash(volume: Volume, trash: Trash, may_restore: bool) -> impl IntoView {
    if trash.is_purging {
        return view! { <VolumeRemoval volume=volume trash=trash may_forget=may_restore /> }
            .into_any();
    }
    let path = RestoreVolumePath {
        workspace_id: volume.workspace_id,
        volume_id: volume.volume_id,
    };
    let restore = may_restore.then(|| {
        view! {
            <EndpointForm
                endpoint=RestoreVolume
                path=path
                success=paths::volume(volume.workspace_id, volume.volume_id)
                kind=ButtonKind::Primary
                label="Restore"
                busy_label="Restoring…"
            />
        }
    });
    let forget = (may_restore && !volume.runner_connected)
        .then(|| view! { <ForgetVolumeForm volume=volume.clone() /> });
    let at = trash.purge_at;
    view! {
        <Alert tone=Tone::Warn title="This volume is in the trash">
            <p>
                "Its data is kept until "
                {components::format::exact(at)} ", in " <Moment at=at format=TimeFormat::Until />
                ". After that, its runner removes the data. This cannot be undone."
            </p>
            {restore}
        </Alert>
        {forget}
    }
    .into_any()
}

/// The form that moves an unused volume to the trash.
#[component]
pub(super) fn Deleting(volume: Volume) -> impl IntoView {
    if let Some(user) = &volume.attached {
        let href = paths::settings(volume.workspace_id, user.deployment_id);
        return view! {
            <p class="soft">
                "This volume can be deleted once no deployment uses it. Remove it from the "
                <a href=href>"settings of " {user.name.to_string()}</a> " and deploy first."
            </p>
        }
        .into_any();
    }
    let path = DeleteVolumePath {
        workspace_id: volume.workspace_id,
        volume_id: volume.volume_id,
    };
    let warning = "The volume moves to the trash with all its data. You can restore it from there for 7 days, unless the server is configured otherwise. Running apps are not affected.";
    view! {
        <EndOf
            endpoint=DeleteVolume
            path=path
            warning=ViewFn::from(move || warning)
            name=volume.name.to_string()
            success=paths::volume(volume.workspace_id, volume.volume_id)
            label="Move to trash"
            busy_label="Moving…"
        />
    }
    .into_any()
}
