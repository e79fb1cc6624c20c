//! The inputs for the volumes of a deployment.

use components::select::Choice;
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::volume::{ListVolumes, ListVolumesPath},
    deployment::VolumeMount,
    volume::Volume,
};

use super::BLANK_ROWS;
use crate::{
    form::{MoreInputs, SelectInput, TextInput},
    load::{first_page, load},
    paths,
};

/// What a volume means for how the app is deployed; it is said before anybody presses a button.
pub(crate) const DOWNTIME: &str = "A volume belongs to one instance at a time, so what runs is stopped before the new release is started: the app is away for a short time. If the new release fails, what ran comes back.";

/// Which volumes the instance has, and where.
#[component]
pub(crate) fn VolumeInputs(mounts: Vec<VolumeMount>, workspace_id: WorkspaceId) -> impl IntoView {
    let volumes = load::<ListVolumes>(Some(ListVolumesPath { workspace_id }), first_page());
    let body = move || {
        let mounts = mounts.clone();
        Suspend::new(async move {
            // Without the list, what is named stays named.
            let volumes = volumes.await.map(|page| page.items).unwrap_or_default();
            view! { <Inputs mounts=mounts volumes=volumes workspace_id=workspace_id /> }
        })
    };
    view! { <Suspense>{body}</Suspense> }
}

#[component]
fn Inputs(
    mounts: Vec<VolumeMount>,
    volumes: Vec<Volume>,
    workspace_id: WorkspaceId,
) -> impl IntoView {
    let choices = choices(&mounts, &volumes);
    let none = choices.len() == 1;
    let href = if none {
        paths::new_volume(workspace_id)
    } else {
        paths::volumes(workspace_id)
    };
    let link = if none {
        "Make a volume first."
    } else {
        "All volumes of the workspace."
    };
    let rows = 0..mounts.len() + if none { 0 } else { BLANK_ROWS };
    let rows = rows.map(|row| view! { <VolumeRow row=row mount=mounts.get(row).cloned() choices=choices.clone() /> });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Volumes" fields=&["spec.volumes"] open=!mounts.is_empty()>
            <p class="field-hint">
                "Folders whose data outlives releases, restarts and the deployment itself. "
                {DOWNTIME} " With volumes there is one instance. " <a href=href>{link}</a>
            </p>
            {rows}
        </MoreInputs>
    }
}

#[component]
fn VolumeRow(row: usize, mount: Option<VolumeMount>, choices: Vec<Choice>) -> impl IntoView {
    let (volume, path) = mount.map_or_else(Default::default, |mount| {
        (mount.volume_id.to_string(), mount.path.to_string())
    });
    view! {
        <div class="form-row">
            <SelectInput
                label=format!("Volume {}", row + 1)
                field=format!("spec.volumes[{row}].volume_id")
                choices=choices
                value=volume
                optional=true
            />
            <TextInput
                label=format!("Folder of volume {}", row + 1)
                field=format!("spec.volumes[{row}].path")
                value=path
                placeholder="/var/lib/app"
                optional=true
                mono=true
            />
        </div>
    }
}

/// The volumes that can be chosen: those that are free, and those that are named already.
fn choices(mounts: &[VolumeMount], volumes: &[Volume]) -> Vec<Choice> {
    let is_named = |volume: &Volume| mounts.iter().any(|m| m.volume_id == volume.volume_id);
    let offered = volumes
        .iter()
        .filter(|volume| is_named(volume) || (volume.attached.is_none() && volume.trash.is_none()))
        .map(|volume| Choice {
            value: volume.volume_id.to_string(),
            label: format!(
                "{} ({} on {})",
                volume.name, volume.size_bytes, volume.runner_name
            ),
        });
    let none = Choice {
        value: String::new(),
        label: "No volume".to_owned(),
    };
    let mut choices: Vec<Choice> = std::iter::once(none).chain(offered).collect();
    // One that the list does not have is kept, or saving would lose it.
    for mount in mounts {
        let id = mount.volume_id.to_string();
        if !choices.iter().any(|choice| choice.value == id) {
            choices.push(Choice {
                label: id.clone(),
                value: id,
            });
        }
    }
    choices
}
