//! A volume that is missing on its runner's host, and the remedies.

use components::{alert::Alert, code::CodeInline, status::Tone, time::Moment};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{ReplaceLostVolume, ReplaceLostVolumePath},
    time::Timestamp,
    volume::Volume,
};

use crate::{pages::workspace::resource::get::EndOf, paths};

/// The notice on a lost volume's page: the cause and the way to restore the data.
#[component]
pub(super) fn Lost(volume: Volume, lost_at: Timestamp, may_replace: bool) -> impl IntoView {
    let engine_name = format!("berth-{}", volume.volume_id);
    let user = volume.attached.clone().map(|user| {
        let href = paths::deployment(volume.workspace_id, user.deployment_id);
        view! {
            " Until then "
            <a href=href>{user.name.to_string()}</a>
            " does not start, so that it does not run with an empty directory instead."
        }
    });
    let replacing = may_replace.then(|| view! { <Replacing volume=volume.clone() /> });
    view! {
        <Alert tone=Tone::Bad title="This volume is lost">
            <p>
                "The runner " <strong>{volume.runner_name.to_string()}</strong> " looked for it "
                <Moment at=lost_at />
                " and did not find it on its host. Someone removed it there, or its disk was replaced or is not mounted. On Docker Engine, its name was:"
            </p>
            <CodeInline text=engine_name />
            <p>
                "If the disk is only unmounted, mount it again and restart the engine. The runner checks every minute and resumes with the data."
                {user}
            </p>
        </Alert>
        {replacing}
    }
}

/// The form that gives the data up, confirmed by typing the volume's name.
#[component]
fn Replacing(volume: Volume) -> impl IntoView {
    let path = ReplaceLostVolumePath {
        workspace_id: volume.workspace_id,
        volume_id: volume.volume_id,
    };
    let warning = "Do this only if the data cannot be recovered. Berth gives up everything in this volume, and the deployment starts with an empty volume instead. To restore a backup, start empty, stop the deployment once it runs, copy the backup into the volume, and start the deployment again. If the volume reappears before the app starts, its data is used.";
    view! {
        <EndOf
            endpoint=ReplaceLostVolume
            path=path
            title="Start empty"
            warning=ViewFn::from(move || warning)
            name=volume.name.to_string()
            success=paths::volume(volume.workspace_id, volume.volume_id)
            label="Start empty"
            busy_label="Starting empty…"
        />
    }
}
